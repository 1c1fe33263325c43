"""What authors of plugins may import: the page, ``__all__``, the import contract and deidkit's own plugins say the same."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from deidkit import hookspecs
from deidkit.cli.plugins import KINDS
from deidkit.cli.scaffold import write
from deidkit.interfaces import INTERFACES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "plugins.md").read_text("utf-8")
TOML = (ROOT / "pyproject.toml").read_text("utf-8")
SECTION = PAGE.partition("## Public modules")[2].partition("\n## ")[0]
PUBLIC = re.findall(r"^\| `deidkit\.(\w+)` \|", SECTION, re.MULTILINE)
MODULES = {path.stem for path in (ROOT / "deidkit").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
ENTRANCES = {"__init__", "__main__"}
TRAINING = {"registry", "item"}
"""What training commands use of the core besides, as the core's own commands do; see the contract in pyproject.toml."""


def signature(name: str, function: Any) -> str:
    found = inspect.signature(function)
    without_self = found.replace(parameters=[item for key, item in found.parameters.items() if key != "self"])
    return f"`{name}{without_self}`".replace("'", "")


def sources(generated: Path) -> Iterator[tuple[str, str]]:
    """(name, code) of deidkit's plugins, a third party's example, generated plugins and the examples on the pages."""
    for kind in KINDS:
        write(f"my-{kind}", kind, generated)
    for root in (ROOT / "plugins", ROOT / "tests" / "third_party", generated):
        yield from ((str(path), path.read_text("utf-8")) for path in sorted(root.rglob("*.py")))
    for page in (ROOT / "docs" / "plugins.md", ROOT / "docs" / "tutorial" / "first_plugin.md"):
        for example in re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            yield str(page), example


def imports(code: str) -> Iterator[tuple[str, str]]:
    """(module, name) of every import from a module of deidkit."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("deidkit."):
            yield from ((str(node.module), item.name) for item in node.names)


def test_the_page_and_the_import_contract_part_the_core_alike():
    contract = TOML.partition('id = "contract"')[2].partition("[[")[0].partition("forbidden_modules = [")[2].partition("]")[0]
    forbidden = set(re.findall(r'"deidkit\.(\w+)"', contract))
    assert forbidden | set(PUBLIC) | ENTRANCES == MODULES
    assert forbidden & set(PUBLIC) == set()


def test_every_public_module_lists_its_names():
    for name in PUBLIC:
        module = import_module(f"deidkit.{name}")
        assert len(set(module.__all__)) == len(module.__all__) > 0, name
        for item in module.__all__:
            assert hasattr(module, item) or import_module(f"deidkit.{name}.{item}"), f"deidkit.{name}.{item}"


def test_plugins_import_listed_names_alone(tmp_path):
    offenders = []
    for path, code in sources(tmp_path):
        for module, name in imports(code):
            top, _, below = module.removeprefix("deidkit.").partition(".")
            if top in TRAINING and re.search("training|synth", path):
                continue
            listed = import_module(f"deidkit.{top}").__all__ if top in PUBLIC else ()
            if (below.partition(".")[0] or name) not in listed:
                offenders.append(f"{path}: {module}.{name}")
    assert offenders == []


def test_the_page_gives_every_hook_and_method_with_its_signature():
    hooks = [signature(name, item) for name, item in vars(hookspecs.Hooks).items() if name.startswith("deidkit_")]
    methods = [
        signature(name, item)
        for interface in INTERFACES.values()
        for name, item in vars(interface).items()
        if inspect.isfunction(item) and not name.startswith("_")
    ]
    assert len(hooks) > 5
    assert len(methods) > 10
    assert [item for item in [*hooks, *methods] if item not in PAGE] == []


def test_the_page_names_every_field_of_a_component():
    from deidkit.components import Component

    section = PAGE.partition("## Components")[2].partition("\n## ")[0]
    assert [name for name in Component.__dataclass_fields__ if f"`{name}`" not in section] == []
