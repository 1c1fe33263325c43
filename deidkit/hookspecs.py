"""The pluggy hooks of deidkit.

A plugin is a module or object behind an entry point of the group ``deidkit``. Hooks describe components and notify observers.
No hook processes an image, and wrappers are refused, because the order of installation must never decide what is private. The
profile decides which components run, and the site (``classify`` in its site.yaml) decides which classifier runs.
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
    """The hooks that a plugin may implement, each decorated with ``hookimpl``."""

    @hookspec
    def deidkit_components(self) -> Sequence[Component]:  # type: ignore[empty-body]
        """Return descriptions of the plugin's components. Must not import heavy packages."""

    @hookspec
    def deidkit_profiles(self) -> Sequence[Path]:  # type: ignore[empty-body]
        """Return folders with further profiles."""

    @hookspec
    def deidkit_commands(self) -> Sequence[click.Command]:  # type: ignore[empty-body]
        """Return commands to add below ``deidkit``."""

    @hookspec
    def deidkit_checks(self) -> Sequence[Finding]:  # type: ignore[empty-body]
        """Return further lines for ``deidkit doctor``: programs, languages, fonts."""

    @hookspec
    def deidkit_recipes(self) -> Sequence[Trainable]:  # type: ignore[empty-body]
        """Return the detectors that ``deidkit train detector`` can train. Only ``recipe`` may import torch."""

    @hookspec
    def deidkit_run_started(self, run: RunStarted) -> None:
        """Observe the start of a run. The record contains no identifiers."""

    @hookspec
    def deidkit_item_finished(self, outcome: Outcome) -> None:
        """Observe one finished item. The record contains no identifiers. Exceptions are logged and ignored."""

    @hookspec
    def deidkit_run_finished(self, summary: RunSummary) -> None:
        """Observe the end of a run."""
