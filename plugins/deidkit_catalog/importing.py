"""From rules of other tools to signatures, which name the image size they are for."""

from __future__ import annotations

from deidkit_catalog.ctp import Rule, parse_ctp
from deidkit_catalog.deid_recipe import parse_recipe
from deidkit_catalog.model import Catalogue, Condition, Signature, sizes


def import_rules(text: str, kind: str, source: str) -> tuple[Catalogue, list[str]]:
    """The signatures of a script of ``kind`` ctp or deid, and one line for each rule left out.

    A rule that does not insist on both Rows and Columns is left out: its boxes would land on images of other sizes, where they
    cover something else and leave the text uncovered.
    """
    rules, skipped = (parse_ctp if kind == "ctp" else parse_recipe)(text)
    found: list[Signature] = []
    for rule in rules:
        size = dict(sizes(rule.when))
        if set(size) != {"Rows", "Columns"}:
            skipped.append(f"{rule.name}: no image size")
            continue
        boxes = _inside(rule, size["Rows"], size["Columns"])
        if not boxes:
            skipped.append(f"{rule.name}: no box inside the image")
            continue
        when = _without_size(rule.when)
        found.append(
            Signature(name=rule.name, source=source, rows=size["Rows"], columns=size["Columns"], when=when, boxes=boxes)
        )
    return Catalogue(signatures=found), skipped


def _inside(rule: Rule, rows: int, columns: int) -> list[list[int]]:
    clipped = [[max(0, x0), max(0, y0), min(columns, x1), min(rows, y1)] for x0, y0, x1, y1 in rule.boxes]
    return [box for box in clipped if box[0] < box[2] and box[1] < box[3]]


def _without_size(condition: Condition) -> Condition:
    """The condition without the parts on Rows and Columns, which stand in fields of their own."""
    parts = [part for part in condition.all or [condition] if part.attribute not in ("Rows", "Columns")]
    if not parts:
        return condition
    return parts[0] if len(parts) == 1 else Condition(all=parts)
