"""The command ``deidkit``. Each command has one file, which is imported when the command runs."""

from __future__ import annotations

import click

from deidkit import __version__
from deidkit.cli.lazy import LazyGroup

COMMANDS = {
    "run": ("deidkit.cli.run:run", "De-identify files and release those that pass every check."),
    "detect": ("deidkit.cli.detect:detect", "Print the text boxes that detectors find, as JSON lines."),
    "verify": ("deidkit.cli.verify:verify", "Check whether AFTER is a clean version of BEFORE."),
    "compare": ("deidkit.cli.compare:compare", "Measure detectors on your own images."),
    "demo": ("deidkit.cli.demo:demo", "De-identify synthetic images and draw them before and after."),
    "doctor": ("deidkit.cli.doctor:doctor", "List installed and missing programs, codecs and weights."),
    "keys": ("deidkit.cli.keys:keys", "Create and check site keys; look up the patient of a pseudonym."),
    "profiles": ("deidkit.cli.profiles:profiles", "List, show, check and explain profiles."),
    "plugins": ("deidkit.cli.plugins:plugins", "List components; start a plugin."),
    "quarantine": ("deidkit.cli.quarantine:quarantine", "Review quarantined files and release them."),
}
EPILOG = (
    "Exit codes: 0 all files released; 1 run failed; 2 invalid command line, profile or key; 3 some files quarantined; "
    "4 something is missing on this machine. Plugins add commands. The built-in ones add synth (create images with "
    "synthetic text), train (train the networks) and catalog (import device signatures)."
)


@click.group(
    cls=LazyGroup, lazy=COMMANDS, plugins=True, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="deidkit", message="%(prog)s %(version)s")
def cli() -> None:
    """De-identify the pixels and headers of medical images and verify the result.

    Files that pass every check are released. All others are quarantined.
    """


def main() -> None:
    """Entry point of the console script."""
    from deidkit.cli.exits import invoke

    raise SystemExit(invoke(cli))
