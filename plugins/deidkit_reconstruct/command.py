"""``deidkit train verifier``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deidkit.errors import EnvironmentFault, UsageError


@click.group("train")
def group() -> None:
    """Train networks on synthetic data."""


@group.command("verifier")
@click.option("--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Checkpoints and weights.")
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="YAML: see VerifierTraining.")
@click.option("--pool", type=click.Path(exists=True, file_okay=False), help="Folder with manifest.csv and images/.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="In place of the file's.")
@click.option("--seed", type=click.IntRange(0), help="In place of the file's.")
def verifier(output: Path, config: Path | None, **given: Any) -> None:
    """Train the reverse model; needs `pip install 'deidkit[train]'`. The same command goes on with an interrupted run."""
    options = read_options(config, {key: value for key, value in given.items() if value is not None})
    try:
        from deidkit_reconstruct.train import train

        figures = train(options, output)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit[train]'") from None
    for name, found in figures.items():
        click.echo(f"{name}: " + ", ".join(f"{key} {value}" for key, value in found.items()))


def read_options(config: Path | None, given: dict[str, Any]) -> Any:
    """Options from a YAML file, overridden by ``given``.

    Raises:
        UsageError: not YAML, an unknown field, or a value out of range.
    """
    import yaml
    from pydantic import ValidationError

    from deidkit_reconstruct.train_options import VerifierTraining

    try:
        fields = (yaml.safe_load(config.read_text("utf-8")) or {}) if config else {}
        return VerifierTraining.model_validate({**fields, **given})
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError):
        raise UsageError("the training file cannot be read as YAML") from None
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors(include_input=False)]
        raise UsageError("\n".join(problems)) from None
