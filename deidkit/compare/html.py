"""One self-contained HTML page: table, precision-recall curves, worst cases. No script, no link, nothing loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #8884; text-align: right }
th:first-child, td:first-child { text-align: left }
small { opacity: .7 } figure { display: inline-block; margin: .4rem; vertical-align: top }
figure img { display: block; max-width: 30rem; image-rendering: pixelated } svg { max-width: 30rem }
.warning { border-left: 4px solid #e67e22; padding: .4rem 1rem }
"""
COLOURS = ("#2980b9", "#c0392b", "#27ae60", "#8e44ad", "#d35400", "#16a085")
SIZE = 320
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>deidkit compare</title><style>{style}</style>
<h1>Text detectors compared</h1>
<p class="warning">This page shows parts of the images. Treat it like them: it must not leave the institution.</p>
<p>{images} frames, {instances} instances counted, {clean} frames without text. An instance is found when at least 85 % of its
box is covered. Intervals are at 95 %, by a bootstrap over images.</p>
{tables}<h2>Precision and recall</h2>{curves}<h2>Worst cases</h2>{pictures}{disagreements}</html>
"""


def page(
    records: Sequence[Mapping[str, Any]], images: int, pictures: Mapping[str, Sequence[str]], disagreements: Sequence[str]
) -> str:
    """The page for the records of ``Score.record``; ``pictures`` holds data URLs by detector."""
    first = records[0] if records else {}
    return PAGE.format(
        style=STYLE,
        images=images,
        instances=first.get("recall", {}).get("all", {}).get("of", 0),
        clean=first.get("clean_images", 0),
        tables=_summary(records) + _recall(records),
        curves=_curves(records),
        pictures="".join(_pictures(name, urls) for name, urls in pictures.items()) or "<p>none</p>",
        disagreements=_disagreements(disagreements),
    )


def _summary(records: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for record in records:
        recall = record["recall"].get("all", {})
        clean, area = record["clean_images"], record["clean_area_covered"]
        area = record.get("area_covered", area)
        cells = (
            escape(record["detector"]),
            _percent(recall),
            escape(recall.get("words", "")),
            _percent(record["precision"]),
            "" if area is None else f"{100 * area:.2f} %",
            f"{record['clean_images_over_0.2_percent']} of {clean}" if clean else "",
            f"{record['seconds_per_image']:.3f} s",
            f"{record['peak_bytes'] / 2**20:.0f} MiB",
            str(sum(record["failures"].values())),
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = (
        "detector",
        "recall",
        "",
        "precision",
        "area covered" if any("area_covered" in record for record in records) else "clean area covered",
        "clean images over 0.2 %",
        "an image",
        "memory",
        "unread",
    )
    return "<table><tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>" + "".join(rows) + "</table>"


def _recall(records: Sequence[Mapping[str, Any]]) -> str:
    names = sorted({name for record in records for name in record["recall"]})
    head = "".join(f"<th>{escape(record['detector'])}</th>" for record in records)
    rows = []
    for name in names:
        cells = "".join(f"<td>{_percent(record['recall'].get(name, {}))}</td>" for record in records)
        count = max(record["recall"].get(name, {}).get("of", 0) for record in records)
        rows.append(f"<tr><td>{escape(name)}</td><td>{count}</td>{cells}</tr>")
    return f"<h2>Recall</h2><table><tr><th>group</th><th>instances</th>{head}</tr>{''.join(rows)}</table>"


def _percent(share: Mapping[str, Any]) -> str:
    if not share or share["share"] is None:
        return ""
    return f"{100 * share['share']:.1f} % <small>{100 * share['low']:.1f} to {100 * share['high']:.1f}</small>"


def _curves(records: Sequence[Mapping[str, Any]]) -> str:
    if not any(record["curve"] for record in records):
        return "<p>none without truth</p>"
    lines, legend = [], []
    for record, colour in zip(records, COLOURS * 9, strict=False):
        points = " ".join(f"{20 + SIZE * p['recall']:.1f},{20 + SIZE * (1 - p['precision']):.1f}" for p in record["curve"])
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        legend.append(f'<span style="color:{colour}">&#9632; {escape(record["detector"])}</span>')
    frame = f'<rect x="20" y="20" width="{SIZE}" height="{SIZE}" fill="none" stroke="#888"/>'
    axes = f'<text x="{SIZE - 30}" y="{SIZE + 36}" font-size="12" fill="#888">recall</text>'
    axes += '<text x="22" y="14" font-size="12" fill="#888">precision</text>'
    drawing = f'<svg viewBox="0 0 {SIZE + 40} {SIZE + 44}" role="img">{frame}{axes}{"".join(lines)}</svg>'
    return f"<p>{' '.join(legend)}</p>{drawing}"


def _pictures(name: str, urls: Sequence[str]) -> str:
    figures = "".join(f'<figure><img src="{url}" alt="missed text"></figure>' for url in urls)
    return f"<h3>{escape(name)}</h3>{figures or '<p>nothing missed</p>'}"


def _disagreements(names: Sequence[str]) -> str:
    if not names:
        return ""
    return "<h2>Images on which the detectors disagree</h2><ol>" + "".join(f"<li>{escape(n)}</li>" for n in names) + "</ol>"
