"""What stands beside a label such as ``Name:``, or runs on from a name, shares its fate: a surname may be any word."""

from __future__ import annotations

import re

from deidkit.identity.folding import fold
from deidkit.types import Region

LABEL_GAP = 2.5
"""Largest gap between a label and its value, in heights of the line."""
RUN_ON_GAP = 0.8
OVERLAP = 0.3
FIGURES = re.compile(r"[\d.,:/+\-\s]*\d[\d.,:/+\-\s]*")
TALLER = 2.5
"""How much taller one piece of a text may be than another; boxes of single lower-case letters are half as high as others."""
ANNOUNCES = re.compile(
    r"(?<![a-z])(?:patient|pat|study|exam|accession|family|first|last|given|sur)?\s*(?:name|patient|pat|physician|doctor|dr|operator|sonographer|technologist|prof|mrs?|ms|herr|frau|ref\w*|tech|vorname|"
    r"nachname|nom|prenom|nombre|id|pid|mrn|dob|birth\w*|born|geb\w*|age|sex|acc\w*)[\s.:#-]*$"
)


def announces(text: str) -> bool:
    """Whether a text ends in a label whose value may stand in the next region."""
    return bool(ANNOUNCES.search(fold(text).strip()))


def is_value_of(region: Region, label: Region) -> bool:
    """Whether ``region`` stands right of ``label`` on its line, or right below it."""
    height = label.box[3] - label.box[1]
    if _same_line(region, label):
        return -height <= region.box[0] - label.box[2] <= LABEL_GAP * height
    below = region.box[1] - label.box[3]
    return -0.5 * height <= below <= 0.6 * height and abs(region.box[0] - label.box[0]) <= height


def runs_on(region: Region, other: Region) -> bool:
    """Whether two regions stand so close on one line that they may be one text cut in two; ``region`` is not far the taller."""
    own, height = region.box[3] - region.box[1], other.box[3] - other.box[1]
    if own > TALLER * height:
        return False
    height = min(own, height)
    gap = max(region.box[0] - other.box[2], other.box[0] - region.box[2])
    return _same_line(region, other) and gap <= RUN_ON_GAP * height


def is_cut_from(region: Region, other: Region) -> bool:
    """Whether both are figures alone and stand beside each other as close as those of one date (``04 | -12 | -61``)."""
    figures = all(FIGURES.fullmatch((one.text or "").strip()) for one in (region, other))
    gap = max(region.box[0] - other.box[2], other.box[0] - region.box[2])
    return figures and gap >= -OVERLAP * (region.box[3] - region.box[1]) and runs_on(region, other)


def _same_line(a: Region, b: Region) -> bool:
    shared = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    return shared >= 0.5 * min(a.box[3] - a.box[1], b.box[3] - b.box[1])
