"""The shape of the code: imports run one way, plugins know only the contract, nothing heavy is imported early."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE, PLUGINS = ROOT / "deidkit", ROOT / "plugins"
HEAVY = {
    "cv2", "fastapi", "gdcm", "highdicom", "jpeglib", "lightning", "matplotlib", "onnx", "onnxruntime", "openvino", "PIL",
    "pytesseract", "rapidocr", "shapely", "tifffile", "torch", "torchvision",
}  # fmt: skip
TABLES = {"pydicom._dicom_dict", "pydicom._uid_dict", "pydicom.sr", "torchvision.models.detection._utils"}
"""Private modules of libraries that nothing public stands for: pydicom's generated tables, torchvision's anchor matcher."""


def modules(*roots: Path) -> Iterator[tuple[Path, ast.Module]]:
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST, *, inside_functions: bool = True, types: bool = True) -> Iterator[tuple[str, str]]:
    """(module, name) of every import below ``tree``; the name is empty for ``import module``.

    Args:
        types: imports below ``if TYPE_CHECKING`` count.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (("." * node.level + (node.module or ""), alias.name) for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and not types:
            continue
        elif inside_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(node, inside_functions=inside_functions, types=types)


def test_the_contracts_of_pyproject_are_kept():
    """Layers of the core, of DICOM and of PS3.15; what plugins may import; where torch may be imported."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_plugin_is_under_contract():
    toml = (ROOT / "pyproject.toml").read_text("utf-8")
    plugins = {path.name for path in PLUGINS.iterdir() if (path / "__init__.py").exists()}
    assert {name for name in plugins if toml.count(f'"{name}",') < 4} == set()


def test_private_names_stay_in_their_modules():
    offenders = [
        f"{path.relative_to(ROOT)}: {module}.{name}"
        for path, tree in modules(CORE, PLUGINS)
        for module, name in imports(tree)
        if module not in TABLES and any(part.startswith("_") and not part.endswith("__") for part in [*module.split("."), name])
    ]
    assert offenders == []


def test_imports_are_absolute_and_none_is_of_the_lazy_top():
    """``deidkit`` itself answers lazily with names of higher layers; below it only the version is asked for."""
    offenders = [
        f"{path.relative_to(ROOT)}: {module}.{name}"
        for path, tree in modules(CORE, PLUGINS)
        for module, name in imports(tree)
        if module.startswith(".") or (module == "deidkit" and name and name != "__version__" and not is_module(name))
    ]
    assert offenders == []


def is_module(name: str) -> bool:
    return (CORE / name).is_dir() or (CORE / f"{name}.py").exists()


def test_the_core_names_no_component_of_a_plugin():
    """Neither does it name a plugin's package: what it knows of plugins, hooks and entry points tell."""
    packages = {entry.value for entry in entry_points(group="deidkit") if entry.value.startswith("deidkit_")}
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value!r}"
        for path, tree in modules(CORE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in packages
    ]
    assert offenders == []


def test_nothing_heavy_is_imported_early():
    """Component modules of plugins may: they are imported when a profile builds them. So may the blocks of their networks."""
    offenders = [
        f"{path.relative_to(ROOT)}: {module}"
        for path, tree in modules(CORE, PLUGINS)
        if path != CORE / "nn" / "blocks.py" and (path.is_relative_to(CORE) or path.name in {"__init__.py", "options.py"})
        for module, _ in imports(tree, inside_functions=False, types=False)
        if module.split(".")[0] in HEAVY
    ]
    assert offenders == []


def test_finding_every_component_imports_nothing_heavy():
    script = f"""
import sys
import pydicom.pixels  # brings what it finds for itself
heavy = {HEAVY!r} - set(sys.modules)
from deidkit.registry import discover
import deidkit.batch.runner, deidkit.api, deidkit.testing.pytest_plugin
assert discover().components()
print(*sorted(heavy & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == []
