"""``deidkit demo``."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deidkit.cli.options import PATH, json_option

if TYPE_CHECKING:
    from deidkit.demo import Demonstration

IMAGES = ("us", "cr", "ct", "mr", "mg", "es", "capture")


@click.command()
@click.option("--output", type=PATH, help="New output folder. Default: deidkit-demo, or the next free number.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the invented patients.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Worker processes.")
@click.option("--only", multiple=True, type=click.Choice(IMAGES), help="Create only this image; may be repeated.")
@json_option()
def demo(output: Path | None, seed: int, workers: int, only: tuple[str, ...], as_json: bool) -> int:
    """Create seven synthetic images with invented patients, de-identify them, and draw them before and after.

    The key is discarded afterwards. Exit codes are those of ``deidkit run``.
    """
    from deidkit.cli.progress import progress
    from deidkit.demo import run

    with progress() as on_progress:
        done = run(output or _free(), seed=seed, workers=workers, only=only, on_progress=on_progress)
    if as_json:
        click.echo(done.summary.model_dump_json())
    else:
        _show(done)
    return done.summary.exit_code


def _free() -> Path:
    names = itertools.chain(["deidkit-demo"], (f"deidkit-demo-{number}" for number in itertools.count(2)))
    return next(path for path in map(Path, names) if not path.exists())


def _show(done: Demonstration) -> None:
    from deidkit.cli.tables import show, show_summary, table
    from deidkit.records import reason_code

    columns = ("image", "profile", "lines drawn", "regions found", "identifiers planted", "left", "outcome")
    rows = [
        (
            f.name,
            f.profile or "",
            f.drawn,
            f.regions,
            f.planted,
            f.found,
            "released" if f.after else ", ".join(map(reason_code, f.reasons)),
        )
        for f in done.files
    ]
    show(table("", columns, rows, numbers=columns[2:6]))
    show_summary(done.summary)
    click.echo(f"before and after: {done.sheet}")
