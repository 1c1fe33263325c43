"""``deidkit train detector``."""

from __future__ import annotations

from pathlib import Path

import click

from deidkit.components import read_options
from deidkit.errors import EnvironmentFault


@click.group("train")
def group() -> None:
    """Train the networks."""


@group.command("negatives")
@click.option("--model", required=True, help="Name of a detector that can be trained: dbnet, retinanet.")
@click.option(
    "--weights",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Weights of the detector, safetensors.",
)
@click.option(
    "--pool",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with manifest.csv and images/.",
)
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the crops.")
@click.option("--count", default=600, show_default=True, type=click.IntRange(1), help="Largest number of crops.")
def negatives(model: str, weights: Path, pool: Path, output: Path, count: int) -> None:
    """Collect crops that a network mistakes for text, for training with `tiles: {mined: FOLDER}`."""
    from deidkit_training import run
    from deidkit_training.config import TrainOptions

    try:
        written = run.mine_negatives(model, TrainOptions(tiles={"pool": str(pool)}), weights, output, count)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
    click.echo(f"{written} crops")


@group.command("detector")
@click.option("--model", required=True, help="Name of a detector that can be trained: dbnet, retinanet.")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for checkpoints, logs and weights.",
)
@click.option(
    "--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="YAML configuration file; see TrainOptions."
)
@click.option(
    "--pool", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder with manifest.csv and images/."
)
@click.option("--steps", type=click.IntRange(1), help="Overrides the configuration file.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Overrides the configuration file.")
@click.option("--seed", type=click.IntRange(0), help="Overrides the configuration file.")
@click.option("--promote", is_flag=True, help="Replace the shipped weights if the new ones score better.")
def detector(
    model: str, output: Path, config: Path | None, pool: Path | None, steps: int | None, minutes: float | None,
    seed: int | None, promote: bool,
) -> None:  # fmt: skip
    """Train a text detector; needs `pip install 'deidkit-imaging[train]'`."""
    from deidkit_training import run
    from deidkit_training.config import TrainOptions

    options = read_options(TrainOptions, config, {"steps": steps, "minutes": minutes, "seed": seed}, "the training file")
    if pool is not None:
        options = options.model_copy(update={"tiles": {**options.tiles, "pool": str(pool)}})
    try:
        outcome = run.train(model, options, output)
        if outcome is None:
            return
        card, figures = outcome
        click.echo(f"{card}: " + ", ".join(f"{key} {value}" for key, value in figures.facts().items()))
        if promote and not run.promote(model, options, output, figures):
            raise click.ClickException("not promoted: the shipped weights score at least as well on the fixed validation set")
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
