"""``deidkit train modality``."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("train")
def group() -> None:
    """Train the networks."""


@group.command("modality")
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with manifest.csv and images/.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for weights, model card and figures.",
)
@click.option("--steps", type=click.IntRange(1), default=1000, show_default=True, help="Training steps of each member.")
@click.option("--copies", type=click.IntRange(1), default=6, show_default=True, help="Augmented copies of each image.")
@click.option(
    "--image-steps",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Steps of an EfficientNet-B0 on the pixels, 32 images each. It is kept if it improves the result on held-out images.",
)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
def modality(data: Path, output: Path, steps: int, copies: int, image_steps: int, seed: int) -> None:
    """Train the modality classifier and the quality gate; needs `pip install 'deidkit-imaging[train]'`."""
    from deidkit.errors import EnvironmentFault

    try:
        from deidkit_modality.training.train import Settings, train
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
    click.echo(str(train(data, output, Settings(copies=copies, steps=steps, seed=seed, image_steps=image_steps))))
