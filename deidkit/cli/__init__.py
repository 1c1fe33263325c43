"""The command ``deidkit``: one file a command, imported when it runs."""

from __future__ import annotations

import click

from deidkit import __version__
from deidkit.cli.lazy import LazyGroup

COMMANDS = {
    "run": ("deidkit.cli.run:run", "De-identify files and release what is proven clean."),
    "detect": ("deidkit.cli.detect:detect", "Show where a detector sees text, one JSON line a frame."),
    "verify": ("deidkit.cli.verify:verify", "Check whether AFTER is a clean version of BEFORE."),
    "compare": ("deidkit.cli.compare:compare", "Measure detectors on your own images."),
    "demo": ("deidkit.cli.demo:demo", "De-identify synthetic images and draw them before and after."),
    "doctor": ("deidkit.cli.doctor:doctor", "Say what is installed, what is missing and how to get it."),
    "keys": ("deidkit.cli.keys:keys", "Make and check site keys, go back with one to a patient."),
    "profiles": ("deidkit.cli.profiles:profiles", "List, show and check profiles."),
    "plugins": ("deidkit.cli.plugins:plugins", "List and show components, start a plugin of your own."),
    "quarantine": ("deidkit.cli.quarantine:quarantine", "List what was held back, release it under a reviewer's name."),
}
EPILOG = (
    "Exit codes: 0 all released, 1 run failed, 2 bad usage, profile or key, 3 something was quarantined, "
    "4 something is missing on this machine. Plugins bring further commands; those that come along: "
    "synth (draws text into images, with its truth), train and catalog."
)


@click.group(
    cls=LazyGroup, lazy=COMMANDS, plugins=True, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="deidkit", message="%(prog)s %(version)s")
def cli() -> None:
    """De-identify medical images, pixels and headers, and prove it.

    What cannot be proven clean is quarantined, never released.
    """


def main() -> None:
    """Entry point of the console script."""
    from deidkit.cli.exits import invoke

    raise SystemExit(invoke(cli))
