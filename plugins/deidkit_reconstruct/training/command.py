"""``deidkit train verifier``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deidkit.components import read_options
from deidkit.errors import EnvironmentFault


@click.group("train")
def group() -> None:
    """Train the networks."""


@group.command("verifier")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for checkpoints and weights."
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML configuration file; see VerifierTraining.",
)
@click.option("--pool", type=click.Path(exists=True, file_okay=False), help="Folder with manifest.csv and images/.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Overrides the configuration file.")
@click.option("--seed", type=click.IntRange(0), help="Overrides the configuration file.")
def verifier(output: Path, config: Path | None, **given: Any) -> None:
    """Train the reverse model; needs `pip install 'deidkit-imaging[train]'`. The same command resumes an interrupted run."""
    from deidkit_reconstruct.training.options import VerifierTraining

    options = read_options(VerifierTraining, config, given, "the training file")
    try:
        from deidkit_reconstruct.training.train import train

        figures = train(options, output)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
    for name, found in figures.items():
        click.echo(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()))
