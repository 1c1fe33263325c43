"""Names with a typing or reading error, and digits that were read as letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

LOOKALIKES = str.maketrans({"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "z": "2", "s": "5", "b": "8", "g": "9"})
READ_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z", "6": "b", "9": "g"})
SHORTEST, LONG = 4, 8


def plain_digits(text: str) -> str:
    """``text`` with letters that look like digits as these digits."""
    return text.translate(LOOKALIKES)


def read_alike(text: str) -> str:
    """What recognition of characters cannot tell apart, made equal: 0 and O, 1 and l, 5 and S, 8 and B, rn and m, vv and w."""
    return text.translate(READ_ALIKE).replace("rn", "m").replace("vv", "w").replace("cl", "d")


class Speller:
    """Knows names, and words that differ from one of them by an error: one below eight letters, two from there on."""

    def __init__(self) -> None:
        self._by_length: dict[int, set[str]] = defaultdict(set)
        self._alike: set[str] = set()

    def add(self, name: str) -> None:
        if len(name) >= SHORTEST:
            self._by_length[len(name)].add(name)
            self._alike.add(read_alike(name))

    def knows(self, word: str) -> bool:
        """Whether ``word``, folded, is one of the names with an error."""
        if len(word) < SHORTEST:
            return False
        if read_alike(word) in self._alike:
            return True
        most = 1 if len(word) < LONG else 2
        near: Iterable[str] = (name for n in range(-most, most + 1) for name in self._by_length.get(len(word) + n, ()))
        return any(self._plausible(word, name) and distance(word, name, most) <= most for name in near)

    @staticmethod
    def _plausible(word: str, name: str) -> bool:
        """Short names must begin alike, or everyday words outside the list would be taken for them."""
        return len(name) > SHORTEST or word[0] == name[0]


def distance(a: str, b: str, most: int) -> int:
    """Damerau-Levenshtein distance (insertion, deletion, substitution, swap of neighbours); ``most + 1`` once it is beyond."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    older: list[int] = []
    old = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            best = min(old[j] + 1, new[j - 1] + 1, old[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            new.append(best)
        if min(new) > most:
            return most + 1
        older, old = old, new
    return old[-1]
