"""The shape of the code: imports run one way, plugins know only deidkit, nothing heavy is imported early."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE, PLUGINS = ROOT / "deidkit", ROOT / "plugins"

ORDER = """
__init__ errors processes types limits interfaces components optionfile keys vault
regions agreement spare strokes hidden clearance mosaic carry proxy pace oneview temporal
files digests deflated rawtext bounded samples headers uids content identifiers identity evidence
jpegstream huffman jpegtables jpegframe jpegscan jpegbare
nn generated
report hookspecs registry
yamlmap profile_schema profile_model profile_options profile_check profile_files profile select
sources firstpass dangling naming durable maps output quarantine
chain stages engine holding worker supervisor batch pipeline api explain
testing demo doctor compare
cli __main__
"""
LAYERS = ORDER.split()
"""Modules and packages of the core from the lowest to the highest; each imports only from those before it."""

HEAVY = {
    "cv2", "fastapi", "gdcm", "highdicom", "jpeglib", "lightning", "matplotlib", "onnx", "onnxruntime", "openvino", "PIL",
    "pytesseract", "rapidocr", "shapely", "tifffile", "torch", "torchvision", "zxingcpp",
}  # fmt: skip


def sources(*roots: Path) -> list[Path]:
    return sorted(path for root in roots for path in root.rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def runtime_nodes(tree: ast.AST, *, inside_functions: bool) -> Iterator[ast.AST]:
    """Import statements that run: none below TYPE_CHECKING; those of functions only when asked for."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif inside_functions or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from runtime_nodes(node, inside_functions=inside_functions)


def imported(path: Path, *, inside_functions: bool = True) -> Iterator[tuple[str, str]]:
    """(module, name) of everything that ``path`` imports; the name is empty for ``import module``."""
    for node in runtime_nodes(ast.parse(path.read_text()), inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: relative imports hide layers"
            yield from ((node.module or "", alias.name) for alias in node.names)


def layer_of(module: str, name: str) -> str | None:
    """The layer that an import of the core reaches, None for imports of anything else."""
    if module == "deidkit":
        return name if name in LAYERS else "__init__"
    return module.split(".")[1] if module.startswith("deidkit.") else None


def test_every_module_has_its_place():
    there = {path.stem for path in CORE.glob("*.py")} | {path.parent.name for path in CORE.glob("*/__init__.py")}
    assert there == set(LAYERS), "put new modules of the core into LAYERS, after all that they import"


@pytest.mark.parametrize("path", sources(CORE), ids=relative)
def test_the_core_imports_downward(path):
    own = path.relative_to(CORE).parts[0].removesuffix(".py")
    if own == "__init__" and path.parent == CORE:
        return
    for module, name in imported(path):
        layer = layer_of(module, name)
        assert not module.startswith("deidkit_"), f"the core imports the plugin {module}"
        assert layer is None or layer == own or LAYERS.index(layer) < LAYERS.index(own), (
            f"{own} imports {layer}, which is above it"
        )


@pytest.mark.parametrize("path", sources(PLUGINS), ids=relative)
def test_plugins_know_only_public_names_of_deidkit(path):
    own = path.relative_to(PLUGINS).parts[0]
    allowed = {own, "deidkit_synth", "deidkit_training"} if "training" in path.parts else {own}
    for module, name in imported(path):
        top = module.split(".")[0]
        assert not top.startswith("deidkit_") or top in allowed, f"{own} imports the plugin {top}"
        if top == "deidkit":
            assert not module.startswith("deidkit.cli"), "plugins bring commands, they do not use those of the core"
            private = [part for part in [*module.split("."), name] if part.startswith("_") and not part.endswith("__")]
            assert not private, f"{module}.{name} is private"


@pytest.mark.parametrize("path", sources(CORE, PLUGINS), ids=relative)
def test_nothing_heavy_is_imported_early(path):
    """Component modules of plugins may: they are imported when a profile builds them. So may the blocks of their networks."""
    if path == CORE / "nn" / "blocks.py" or (path.is_relative_to(PLUGINS) and path.name not in {"__init__.py", "options.py"}):
        return
    early = {module.split(".")[0] for module, _ in imported(path, inside_functions=False)}
    assert not early & HEAVY


def test_finding_every_component_imports_nothing_heavy():
    script = f"""
import sys
import pydicom.pixels  # brings what it finds for itself
heavy = {HEAVY!r} - set(sys.modules)
from deidkit.registry import discover
import deidkit.pipeline, deidkit.api, deidkit.testing.pytest_plugin
assert discover().components()
print(*sorted(heavy & set(sys.modules)))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == []
