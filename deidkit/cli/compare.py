"""``deidkit compare``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deidkit.cli.options import PATH, json_option


@click.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.option(
    "--truth", type=PATH, help="Ground truth: truth.json, COCO or Presidio JSON, or a folder of YOLO or PASCAL VOC files."
)
@click.option(
    "--detector",
    "detectors",
    metavar="NAME",
    multiple=True,
    required=True,
    help="Detector to measure; may be repeated. ONE+OTHER merges what the two find.",
)
@click.option("--output", type=PATH, required=True, help="Folder for compare.json and compare.html.")
@json_option()
def compare(folder: Path, truth: Path | None, detectors: tuple[str, ...], output: Path, as_json: bool) -> int:
    """Measure detectors on the images in DIR: recall, precision, area covered by mistake, and time.

    Without --truth, the detectors are compared with each other on the first, middle and last frame of every file. The report
    lists the frames on which they disagree. It shows parts of the images: do not let it leave the institution.
    """
    from deidkit.compare.comparison import compare as run

    result = run(folder, detectors, output, truth)
    if as_json:
        click.echo(json.dumps(result))
    else:
        _show(result)
    return 0


def _show(result: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    area_of = "area" if any("area_covered" in record for record in result["detectors"]) else "clean area"
    table = Table(*("detector", "recall", "95 %", "precision", area_of, "s an image", "MiB", "unread"), box=None)
    for record in result["detectors"]:
        recall, area = record["recall"].get("all"), record.get("area_covered", record["clean_area_covered"])
        table.add_row(
            record["detector"],
            _percent(recall["share"]) if recall else "",
            f"{_percent(recall['low'])} to {_percent(recall['high'])}" if recall else "",
            _percent(record["precision"].get("share")),
            "" if area is None else f"{100 * area:.2f} %",
            f"{record['seconds_per_image']:.3f}",
            f"{record['peak_bytes'] / 2**20:.0f}",
            str(sum(record["failures"].values())),
        )
    Console().print(table)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
