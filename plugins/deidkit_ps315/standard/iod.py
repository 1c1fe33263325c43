"""Which attributes a SOP class requires: the IOD and module tables of PS3.3, as exported by highdicom (MIT licence)."""

from __future__ import annotations

import gzip
import json
from functools import cache, lru_cache
from typing import Any

from deidkit_ps315.standard.table import TABLES

STRICTNESS = {"1": 0, "1C": 1, "2": 2, "2C": 3, "3": 4}
UNKNOWN = "?"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(gzip.decompress((TABLES / "iods.json.gz").read_bytes()))
    return data


class Level:
    """The attributes that one level of an object may hold: the data set itself, or the items of one sequence.

    ``pools`` are numbers of subtrees, one for each module that defines the level; None says that nothing is known about it.
    """

    __slots__ = ("_known", "pools")

    def __init__(self, pools: tuple[int, ...] | None) -> None:
        self.pools = pools
        self._known = _merged(pools) if pools else {}

    def type_of(self, tag: int) -> str:
        """The strictest type (PS3.5 7.4) that any module gives ``tag``: 1, 1C, 2, 2C or 3; ``?`` where the IOD is unknown."""
        entry = self._known.get(tag)
        if entry is not None:
            return entry[0]
        return "3" if self.pools is not None else UNKNOWN

    def below(self, tag: int) -> Level:
        """The level of the items of sequence ``tag``."""
        if self.pools is None:
            return self
        entry = self._known.get(tag)
        return _level(entry[1]) if entry else EMPTY

    def listed(self) -> tuple[tuple[int, str], ...]:
        """All tags of which anything is required, here or below, with their types, in order."""
        return tuple((tag, kind) for tag, (kind, _) in sorted(self._known.items()))

    def required(self) -> tuple[tuple[int, str], ...]:
        """Tags of type 1 and 2, in order."""
        return _required(self.pools) if self.pools else ()


@lru_cache(maxsize=4096)
def _merged(pools: tuple[int, ...]) -> dict[int, tuple[str, tuple[int, ...]]]:
    found: dict[int, tuple[str, tuple[int, ...]]] = {}
    for number in pools:
        for tag, entry in _pool(number).items():
            kind, below = found.get(tag, ("3", ()))
            found[tag] = (min(kind, entry[0], key=STRICTNESS.__getitem__), below + entry[1])
    return found


@lru_cache(maxsize=4096)
def _level(pools: tuple[int, ...]) -> Level:
    return Level(pools)


EMPTY = Level(())


def sop_classes() -> tuple[str, ...]:
    """The SOP Class UIDs whose IODs are known."""
    return tuple(_data()["classes"])


@lru_cache(maxsize=4096)
def _required(pools: tuple[int, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((tag, kind) for tag, (kind, _) in sorted(_merged(pools).items()) if kind in {"1", "2"})


@lru_cache(maxsize=4096)
def _pool(number: int) -> dict[int, tuple[str, tuple[int, ...]]]:
    return {
        int(tag, 16): (entry, ()) if isinstance(entry, str) else (entry[0], (entry[1],))
        for tag, entry in _data()["pool"][number].items()
    }


@cache
def level_of(sop_class: str, usages: str = "MCU") -> Level:
    """The top level of a SOP class, made of its modules whose usage is among ``usages`` (M, C, U; PS3.3 A.1.3.1)."""
    iod = _data()["classes"].get(sop_class)
    if iod is None:
        return Level(None)
    modules = _data()["modules"]
    return Level(tuple(modules[name] for name, usage in _data()["iods"][iod] if usage[:1] in usages))


def settle(code: str, kind: str) -> str:
    """One action out of a choice such as X/Z/D, by the attribute's type: the one that keeps the object conformant.

    A conditional attribute that was there is taken as required, and is not removed. PS3.15 E.1.1; also where the table says
    plain X or Z and an IOD wants more. For unknown IODs a dummy is valid under every type.
    """
    if code == "X/Z/U*":
        return "U"
    if kind == UNKNOWN:
        return code if code in SINGLE else "D"
    if code == "X":
        return {"1": "D", "2": "Z", "2C": "Z"}.get(kind, "X")
    if kind in {"1", "1C"}:
        return "D" if code in {"Z", "Z/D", "X/Z", "X/D", "X/Z/D"} else code
    if kind in {"2", "2C"}:
        return {"Z/D": "Z", "X/Z": "Z", "X/D": "D", "X/Z/D": "Z"}.get(code, code)
    return {"Z/D": "Z", "X/Z": "X", "X/D": "X", "X/Z/D": "X"}.get(code, code)


SINGLE = frozenset({"X", "Z", "D", "U", "K", "C"})
