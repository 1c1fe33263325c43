"""Turns what `deidkit compare` measured into the tables of docs/benchmarks.md.

    deidkit compare IMAGES --truth IMAGES/truth.json --detector tesseract --detector rapidocr --detector dbnet \
        --detector retinanet --detector dbnet+retinanet --output OUT
    python benchmarks/compare_table.py OUT/compare.json [--write docs/benchmarks.md --mark real]

The tables go to the terminal, or between the lines `<!-- MARK -->` and `<!-- end of MARK -->` of the given file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]


def _share(found: Record | None) -> str:
    """A share of instances with its interval, which is the rule of three where nothing was missed."""
    if not found or not found["of"]:
        return "-"
    return f"{100 * found['share']:.1f} % ({100 * found['low']:.0f} to {100 * found['high']:.0f})"


def recall(records: Sequence[Record]) -> str:
    groups = sorted({group for record in records for group in record["recall"]}, key=lambda name: (name != "all", name))
    head = "| recall (95 % interval) | of | " + " | ".join(record["detector"] for record in records) + " |"
    lines = [head, "|" + "---|" * (len(records) + 2)]
    for group in groups:
        cells = [record["recall"].get(group) for record in records]
        of = next((cell["of"] for cell in cells if cell), 0)
        lines.append(f"| {group} | {of} | " + " | ".join(map(_share, cells)) + " |")
    return "\n".join(lines)


def costs(records: Sequence[Record]) -> str:
    head = "| detector | precision | clean area covered | clean images over 0.2 % | images with a miss | s an image | MiB |"
    lines = [head, "|" + "---|" * 7]
    for record in records:
        area, clean = record["clean_area_covered"], record["clean_images"]
        lines.append(
            f"| {record['detector']} | {_share(record['precision'])} | {'-' if area is None else f'{100 * area:.3f} %'} "
            f"| {record['clean_images_over_0.2_percent']} of {clean} | {len(record['leaks'])} "
            f"| {record['seconds_per_image']:.2f} | {record['peak_bytes'] / 2**20:.0f} |"
        )
    return "\n".join(lines)


def written(text: str, mark: str, tables: str) -> str:
    """``text`` with what lies between its two marks replaced."""
    start, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"the file has no lines {start} and {end}")
    return f"{before}{start}\n\n{tables}\n\n{end}{after}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--mark", default="real")
    given = parser.parse_args()
    result = json.loads(given.measured.read_text("utf-8"))
    tables = f"{result['images']} frames.\n\n{recall(result['detectors'])}\n\n{costs(result['detectors'])}"
    if given.write is None:
        print(tables)
    else:
        given.write.write_text(written(given.write.read_text("utf-8"), given.mark, tables), "utf-8")


if __name__ == "__main__":
    main()
