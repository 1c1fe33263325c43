from __future__ import annotations

import click
import pytest

from deidkit.cli.lazy import LazyGroup
from deidkit.errors import PluginError
from deidkit.hookspecs import hookimpl
from deidkit.registry import Registry


def plugin(*commands: str) -> object:
    class Brings:
        @hookimpl
        def deidkit_commands(self) -> list[click.Command]:
            return [click.Group("train", commands={name: click.Command(name) for name in commands})]

    return Brings()


def found(monkeypatch: pytest.MonkeyPatch, **plugins: object) -> click.Command | None:
    known = Registry.of(plugins)
    monkeypatch.setattr("deidkit.registry.installed", lambda: known)
    group = LazyGroup("deidkit", lazy={}, plugins=True)
    return group.get_command(click.Context(group), "train")


def test_groups_of_one_name_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = found(monkeypatch, a=plugin("detector"), b=plugin("modality"))
    assert isinstance(merged, click.Group)
    assert set(merged.commands) == {"detector", "modality"}


def test_one_command_of_two_plugins_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError, match="train detector is claimed twice"):
        found(monkeypatch, a=plugin("detector"), b=plugin("detector"))
