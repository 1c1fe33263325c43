"""Fixtures for tests of components and plugins, and no ambient discovery.

Within a test ``deidkit.registry.installed()`` finds deidkit's own plugins and those that the test asks for:

    @pytest.mark.deidkit_plugins("example")     # by the name of the entry point
    @pytest.mark.deidkit_plugins(ambient=True)  # everything that happens to be installed

so that a plugin lying around on one machine never decides what a test sees.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from deidkit import registry
from deidkit.registry import Registry

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.keys import Keys
    from deidkit.testing.phantoms import Phantom
    from deidkit.types import Context

MARK = "deidkit_plugins"
OWN = registry.DISTRIBUTION
_asked: frozenset[str] | None = frozenset({"no test has run yet"})


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(*names, ambient=False): installed plugins that the test may discover")


def _wanted(request: pytest.FixtureRequest) -> frozenset[str] | None:
    marks = list(request.node.iter_markers(MARK))
    if any(mark.kwargs.get("ambient") for mark in marks):
        return None
    return frozenset(name for mark in marks for name in mark.args)


@pytest.fixture(autouse=True)
def _no_ambient_plugins(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps discovery to what the test asked for; the built registry is kept while tests ask for the same."""
    global _asked
    wanted = _wanted(request)
    if wanted != _asked:
        registry.installed.cache_clear()
        _asked = wanted
    if wanted is not None:
        monkeypatch.setattr(registry, "metadata", SimpleNamespace(entry_points=lambda group: _points(group, wanted)))


def _points(group: str, wanted: frozenset[str]) -> list[metadata.EntryPoint]:
    found = list(metadata.entry_points(group=group))
    if absent := wanted - {point.name for point in found}:
        pytest.fail(f"the test asks for plugins that are not installed: {', '.join(sorted(absent))}")
    return [point for point in found if point.name in wanted or (point.dist is not None and point.dist.name == OWN)]


@pytest.fixture
def registry_of() -> Callable[..., Registry]:
    """``registry_of("deidkit_blackbox", my_module)``: a registry of exactly these, given as modules or their import names."""

    def make(*plugins: Any) -> Registry:
        modules = [import_module(plugin) if isinstance(plugin, str) else plugin for plugin in plugins]
        return Registry.of({getattr(module, "__name__", f"plugin{n}"): module for n, module in enumerate(modules)})

    return make


@pytest.fixture
def keys() -> Keys:
    """A fixed site key."""
    from deidkit.keys import Keys

    return Keys(bytes(range(32)))


@pytest.fixture
def phantom() -> Callable[..., Phantom]:
    """``phantom("us", seed=1)``: a synthetic DICOM object with its truth."""
    from deidkit.testing.phantoms import make

    return make


@pytest.fixture
def context(keys: Keys) -> Callable[..., Context]:
    """``context(header, detectors=("tesseract",), seconds=5.0)``: what a stage is told; every argument may be left out."""
    from deidkit.identity.harvest import harvest
    from deidkit.types import Context, Deadline, Identifiers, Labels

    def make(header: Dataset | None = None, *, seconds: float = 60.0, detectors: tuple[str, ...] = (), **more: Any) -> Context:
        from pydicom import Dataset

        known = harvest(header) if header is not None else Identifiers()
        fields: dict[str, Any] = {"labels": Labels(), "profile": "test", "identifiers": known} | more
        given = header if header is not None else Dataset()
        return Context(detectors=detectors, keys=keys, deadline=Deadline.after(seconds), header=given, **fields)

    return make


@pytest.fixture
def phantom_file(tmp_path: Path) -> Callable[..., tuple[Path, Phantom]]:
    """Writes a phantom below ``tmp_path`` and gives its path and truth: call with a name and, if need be, a seed."""
    from deidkit.testing.phantoms import make

    def write(name: str, seed: int = 0) -> tuple[Path, Phantom]:
        made = make(name, seed)
        return made.write(tmp_path / f"{name}-{seed}.dcm"), made

    return write
