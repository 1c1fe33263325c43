"""A click group that imports a command only when it runs, and looks at plugins only when they are asked for one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """A group of commands given as ``name -> (module:attribute, one line of help)``.

    Args:
        plugins: whether a name that is not in ``lazy`` may be a command that a plugin brings.
    """

    def __init__(self, *args: object, lazy: Mapping[str, tuple[str, str]], plugins: bool = False, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        self._lazy = dict(lazy)
        self._plugins = plugins

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name in self._lazy:
            module, _, attribute = self._lazy[cmd_name][0].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        return self._from_plugins(cmd_name) if self._plugins else None

    def _from_plugins(self, name: str) -> click.Command | None:
        from deidkit.registry import installed

        return next((command for command in installed().commands() if command.name == name), None)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands from their given help lines, so that no module has to be imported for it."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._lazy.items()])
