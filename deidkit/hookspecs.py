"""The pluggy hooks of deidkit.

A plugin is a module or object behind an entry point of the group ``deidkit``. No hook is a wrapper, and none is called to
process an image, because the order of installation must never decide what is private.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from deidkit.components import Component, Finding, Trainable
    from deidkit.records import Outcome, RunStarted, RunSummary

__all__ = ["Hooks", "hookimpl"]

PROJECT = "deidkit"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    @hookspec
    def deidkit_components(self) -> Sequence[Component]:  # type: ignore[empty-body]
        """Descriptions of what the plugin offers. Must not import anything heavy."""

    @hookspec
    def deidkit_profiles(self) -> Sequence[Path]:  # type: ignore[empty-body]
        """Folders with further YAML profiles."""

    @hookspec
    def deidkit_commands(self) -> Sequence[click.Command]:  # type: ignore[empty-body]
        """Commands to mount below ``deidkit``."""

    @hookspec
    def deidkit_checks(self) -> Sequence[Finding]:  # type: ignore[empty-body]
        """What ``deidkit doctor`` tells about this machine beside the needs of components: programs, languages, fonts."""

    @hookspec
    def deidkit_recipes(self) -> Sequence[Trainable]:  # type: ignore[empty-body]
        """Detectors that ``deidkit train detector`` can train. Must not import torch before a recipe is made."""

    @hookspec
    def deidkit_run_started(self, run: RunStarted) -> None:
        """Observer: a run begins. The record is free of identifiers."""

    @hookspec
    def deidkit_item_finished(self, outcome: Outcome) -> None:
        """Observer: one item is recorded. The record is free of identifiers; an exception here is logged and ignored."""

    @hookspec
    def deidkit_run_finished(self, summary: RunSummary) -> None:
        """Observer: the run is over."""
