"""Text reduced to what survives bad reading: no case, no accents, and one letter for each group that OCR confuses."""

from __future__ import annotations

import re
from functools import lru_cache

from deidkit.identity.folding import fold

_CONFUSED = {"o": "0qd", "l": "1ij|!", "s": "5", "b": "8", "z": "2", "g": "69", "a": "4", "t": "7", "v": "u", "c": "e"}
_TABLE = {ord(member): kept for kept, members in _CONFUSED.items() for member in members}
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_PARTS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=65536)
def skeleton(text: str) -> str:
    """Letters and digits of ``text`` with confusable ones made equal: ``MULLER``, ``Müller`` and ``MU11ER`` give one result."""
    plain = "".join(_PARTS.findall(fold(text.replace("|", "l").replace("!", "l"))))
    for pair, single in _PAIRS:
        plain = plain.replace(pair, single)
    return plain.translate(_TABLE)


def parts(text: str) -> list[str]:
    """Runs of letters and digits, folded, in order."""
    return _PARTS.findall(fold(text))


def distance_within(a: str, b: str, most: int) -> bool:
    """Whether at most ``most`` letters have to be put in, left out or changed to make ``a`` into ``b`` (Levenshtein)."""
    if abs(len(a) - len(b)) > most:
        return False
    previous = list(range(len(b) + 1))
    for row, left in enumerate(a, 1):
        current = [row]
        for column, right in enumerate(b, 1):
            current.append(min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (left != right)))
        if min(current) > most:
            return False
        previous = current
    return previous[-1] <= most
