import re
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from deidkit import registry
from deidkit.components import Component, Options, State, parts
from deidkit.doctor import examine
from deidkit.errors import EnvironmentFault, PluginError
from deidkit.hookspecs import hookimpl
from deidkit.registry import Registry


class Finds:
    def detect(self, frames, context):
        return [[] for _ in frames]


def component(name="finder", build=lambda options: Finds(), **more):
    return Component("detector", name, Options, build, "finds nothing", **more)


def plugin(*components):
    @hookimpl
    def deidkit_components():
        return list(components)

    return SimpleNamespace(deidkit_components=deidkit_components)


def test_components_are_found_and_built_once():
    found = Registry.of({"a": plugin(component())})
    assert found.names("detector") == ["finder"]
    assert found.build("detector", "finder") is found.build("detector", "finder", {})


def test_one_name_claimed_twice_names_both():
    with pytest.raises(PluginError, match=r"claimed by both 'a' .* and 'b'"):
        Registry.of({"a": plugin(component()), "b": plugin(component())})


def test_wrappers_are_refused():
    @hookimpl(wrapper=True)
    def deidkit_components():
        return (yield)

    with pytest.raises(PluginError, match="refuses wrappers"):
        Registry.of({"a": SimpleNamespace(deidkit_components=deidkit_components)})


def test_unknown_hooks_are_refused_by_plugin_name():
    @hookimpl
    def deidkit_compnents():
        return []

    with pytest.raises(PluginError, match="'typo'"):
        Registry.of({"typo": SimpleNamespace(deidkit_compnents=deidkit_compnents)})


def test_a_failing_hook_names_plugin_and_hook():
    @hookimpl
    def deidkit_components():
        raise RuntimeError("boom")

    with pytest.raises(PluginError, match="'bad', hook deidkit_components"):
        Registry.of({"bad": SimpleNamespace(deidkit_components=deidkit_components)})


def test_missing_requirements_name_the_install_line():
    lacking = component(requires=("python:no_such_module", "program:no-such-program"), install="pip install it")
    found = Registry.of({"a": plugin(lacking)})
    with pytest.raises(EnvironmentFault, match=r"no_such_module.*no-such-program.*pip install it"):
        found.build("detector", "finder")


def test_what_is_built_must_satisfy_its_interface():
    found = Registry.of({"a": plugin(component(build=lambda options: object()))})
    with pytest.raises(PluginError, match="built a object"):
        found.build("detector", "finder")


def test_a_component_may_use_others_while_it_is_built():
    inner, outer = component("inner"), component("outer", lambda options: parts().build("detector", "inner"))
    found = Registry.of({"a": plugin(inner, outer)})
    assert found.build("detector", "outer") is found.build("detector", "inner")
    with pytest.raises(LookupError):
        parts()


def test_a_plugin_that_cannot_be_imported_is_named(monkeypatch):
    def load(point):
        if point.name == "blackbox":
            raise ImportError("no such thing")
        return type(point.name, (), {})()

    assert "blackbox" in registry.discover(load).broken


def commands(*given):
    @hookimpl
    def deidkit_commands():
        return list(given)

    return SimpleNamespace(deidkit_commands=deidkit_commands)


def test_groups_of_one_name_are_joined_and_commands_of_one_name_refused():
    one, two = click.Group("train", {"a": click.Command("a")}), click.Group("train", {"b": click.Command("b")})
    (joined,) = Registry.of({"x": commands(one), "y": commands(two)}).commands()
    assert set(joined.commands) == {"a", "b"} and set(one.commands) == {"a"}
    with pytest.raises(PluginError, match="train a is claimed twice"):
        Registry.of({"x": commands(one), "y": commands(click.Group("train", {"a": click.Command("a")}))}).commands()
    with pytest.raises(PluginError, match="'synth' is claimed twice"):
        Registry.of({"x": commands(click.Command("synth")), "y": commands(click.Command("synth"))}).commands()


@pytest.fixture
def other_deidkit(tmp_path, monkeypatch):
    """An environment in which the distribution ``deidkit`` of another project is installed."""
    info = tmp_path / "deidkit-0.4.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: deidkit\nVersion: 0.4.2\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry.installed.cache_clear()
    yield
    registry.installed.cache_clear()


def test_a_strangers_deidkit_stops_the_run_and_says_what_to_do(other_deidkit):
    with pytest.raises(EnvironmentFault, match=r"deidkit 0\.4\.2 .*another project.*pip uninstall deidkit"):
        registry.installed()


def test_the_doctor_tells_of_a_strangers_deidkit(other_deidkit):
    [found] = [finding for finding in examine() if finding.name == "deidkit"]
    assert found.state is State.MISSING and "pip uninstall deidkit" in found.detail


def test_no_message_installs_a_strangers_deidkit():
    """``deidkit`` on PyPI is not ours: whatever we tell people to install is ``deidkit-imaging``."""
    root = Path(__file__).parents[1]
    files = [
        path for top in ("deidkit", "plugins", "docs") for path in (root / top).rglob("*") if path.suffix in {".py", ".md"}
    ]
    told = re.compile(r"deidkit\[|pip install (?:-U )?['\"]?deidkit(?!-)\b|dependencies = \[\"deidkit\"")
    offenders = [str(path.relative_to(root)) for path in [*files, root / "README.md"] if told.search(path.read_text("utf-8"))]
    assert offenders == []


class Point:
    """An entry point as ``importlib.metadata`` gives it."""

    def __init__(self, name: str, value: str, dist: str, loads: object = None) -> None:
        self.name, self.value, self.loads = name, value, loads
        self.dist = SimpleNamespace(name=dist, version="1.0")


def discovered(monkeypatch, *points: Point) -> Registry:
    monkeypatch.setattr(registry, "metadata", SimpleNamespace(entry_points=lambda group: list(points)))
    return registry.discover(lambda point: point.loads)


def test_a_missing_program_is_missing_and_a_missing_module_too(monkeypatch):
    monkeypatch.setattr(registry.shutil, "which", lambda name: "/usr/bin/there" if name == "there" else None)
    needs = ("program:there", "program:absent", "python:json", "python:no_such.module")
    found = Registry.of({"a": plugin(component(requires=needs))})
    [described] = found.components()
    assert found.missing(described) == ("program:absent", "python:no_such.module")


def test_a_module_listed_twice_is_one_plugin_and_a_name_claimed_twice_is_none(monkeypatch):
    one, again = Point("a", "module_a", "dist-one", plugin(component())), Point("a", "module_a", "dist-two")
    found = discovered(monkeypatch, one, again)
    assert found.plugin_names() == ["a"] and found.owner(found.components()[0]) == "dist-one 1.0"
    with pytest.raises(PluginError, match=r"'a' is claimed by both dist-one 1\.0 and dist-two 1\.0"):
        discovered(monkeypatch, one, Point("a", "module_b", "dist-two"))


def test_a_broken_plugin_stops_a_run_and_is_named(monkeypatch):
    def load(point):
        raise ImportError("no such library")

    points = [Point("bad", "module_bad", "dist-bad")]
    monkeypatch.setattr(registry, "metadata", SimpleNamespace(entry_points=lambda group: points))
    found = registry.discover(load)
    assert found.broken == {"bad": "ImportError: no such library"}
    monkeypatch.setattr(registry, "discover", lambda: found)
    registry.installed.cache_clear()
    with pytest.raises(PluginError, match=r"'bad' \(dist-bad 1\.0\): ImportError: no such library"):
        registry.installed()
    registry.installed.cache_clear()


def test_an_unknown_component_is_told_with_those_that_there_are():
    found = Registry.of({"a": plugin(component())})
    with pytest.raises(PluginError, match="no detector named 'other'; there are: finder"):
        found.build("detector", "other")
    with pytest.raises(PluginError, match="no policy named 'other'; there are: none"):
        found.build("policy", "other")


def test_errors_of_a_component_pass_and_others_are_told_with_its_name():
    def refuse(_):
        raise EnvironmentFault("weights are missing")

    def fail(_):
        raise ZeroDivisionError("never")

    with pytest.raises(EnvironmentFault, match=r"^weights are missing$"):
        Registry.of({"a": plugin(component(build=refuse))}).build("detector", "finder")
    with pytest.raises(EnvironmentFault, match="detector 'finder' could not be built: ZeroDivisionError: never"):
        Registry.of({"a": plugin(component(build=fail))}).build("detector", "finder")
