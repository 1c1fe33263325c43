"""``deidkit train inpainter``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deidkit import components
from deidkit.errors import EnvironmentFault, UsageError


@click.group("train")
def group() -> None:
    """Train the networks."""


@group.command("inpainter")
@click.option("--model", type=click.Choice(["unet", "gan"]), help="Overrides the configuration file.")
@click.option(
    "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for checkpoints and weights."
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="YAML configuration file; see InpainterTraining.",
)
@click.option("--pool", type=click.Path(exists=True, file_okay=False), help="Folder with manifest.csv and images/.")
@click.option(
    "--start", type=click.Path(exists=True, dir_okay=False), help="Weights of the generator to start from; gan needs them."
)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Overrides the configuration file.")
@click.option("--seed", type=click.IntRange(0), help="Overrides the configuration file.")
def inpainter(output: Path, config: Path | None, **given: Any) -> None:
    """Train an inpainter; needs `pip install 'deidkit-imaging[train]'`. The same command resumes an interrupted run."""
    options = read_options(config, given)
    try:
        from deidkit_inpaint.training.train import train

        figures = train(options, output)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
    click.echo(", ".join(f"{name} {value} dB" for name, value in figures.items()))


def read_options(config: Path | None, given: dict[str, Any]) -> Any:
    """Options from a YAML file, overridden by ``given``.

    Raises:
        UsageError: not YAML, an unknown field, a value out of range, or a gan without a start.
    """
    from deidkit_inpaint.training.options import InpainterTraining

    options = components.read_options(InpainterTraining, config, given, "the training file")
    if options.model == "gan" and not options.start:
        raise UsageError("a gan goes on from a trained unet: give it with --start")
    return options
