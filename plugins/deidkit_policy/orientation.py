"""Patient directions such as ``RI`` or ``F``: initials, a short surname or a sex, unless the opposite is there too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deidkit.identity.folding import fold
from deidkit.image import Box
from deidkit.types import Region

_OPPOSITE = {"l": "r", "r": "l", "a": "p", "p": "a", "h": "f", "f": "h", "s": "i", "i": "s"}
_AXIS = {"l": 0, "r": 0, "a": 1, "p": 1, "h": 2, "f": 2, "s": 2, "i": 2}
NARROWEST, WIDEST = 0.4, 1.6
"""Width of the box of one letter, in heights."""
_LOOK_ALIKES = str.maketrans({"工": "I", "丨": "I"})


def directions(text: str) -> str | None:
    """The letters of a direction, each of another axis (PS3.3 C.7.6.1.1.1); None for any other text."""
    plain = fold(text.translate(_LOOK_ALIKES)).strip()
    known = re.fullmatch(r"[lraphfsi]{1,3}", plain) and len({_AXIS[letter] for letter in plain}) == len(plain)
    return plain if known else None


def is_one_side(text: str, box: Box) -> bool:
    """Whether ``text`` is L or R in a box of one letter, not of a word of which no more was read."""
    return fold(text).strip() in {"l", "r"} and NARROWEST <= (box[2] - box[0]) / max(1, box[3] - box[1]) <= WIDEST


def opposed(regions: Sequence[Region], least_score: float) -> frozenset[int]:
    """Which regions are combined directions whose opposite stands elsewhere: ``RI`` on one side, ``LS`` on the other."""
    found = {
        n: letters
        for n, region in enumerate(regions)
        if region.text and region.text_score >= least_score and (letters := directions(region.text))
    }
    shown = {frozenset(letters) for letters in found.values()}
    return frozenset(n for n, letters in found.items() if frozenset(_OPPOSITE[one] for one in letters) in shown)
