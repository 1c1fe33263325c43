"""The sweep: reads what was written, as bytes and as elements, and fails when a removed identifier is still there.

It takes nothing from the scrubber but the list of attributes that the profile kept on purpose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial

import numpy as np

from deidkit.headers.raw_elements import encodings_of
from deidkit.identity.folding import fold
from deidkit.identity.harvest import harvest
from deidkit.types import Case, Check, Status
from deidkit_ps315.options import SweepOptions
from deidkit_ps315.sweep import conformance, content, header_diff
from deidkit_ps315.sweep.byte_layout import CHUNK, Written, pixel_span
from deidkit_ps315.sweep.encoded import decoded
from deidkit_ps315.sweep.leaves import actions_by_key, leaves
from deidkit_ps315.sweep.targets import Targets, build
from deidkit_ps315.text import packed
from deidkit_ps315.text.byte_search import Finder, Hit, Needle, needles_of, surroundings
from deidkit_ps315.text.vocabulary import is_common

FEW = 5
TELLING, ENCODED = 5, 1 << 12
"""Bytes from which on an identifier is not in decoded noise by chance, and the longest encoded run across two windows."""


class Sweep:
    """Verifies the written bytes against everything the input is known to have said."""

    def __init__(self, options: SweepOptions) -> None:
        self._minimum = options.minimum

    def verify(self, case: Case) -> list[Check]:
        if not len(case.before.header):
            return [Check("sweep", Status.PASSED, "no header to sweep for")]
        before = leaves(case.before.header)
        after = leaves(case.after.header)
        identifiers = case.context.identifiers if case.context.identifiers.items else harvest(case.before.header)
        touched = actions_by_key(case.changes)
        targets = build(before, after, identifiers, touched, self._minimum)
        found = list(header_diff.problems(before, after, targets, identifiers, touched))
        return [
            _check("sweep-elements", found, {"elements": len(after)}),
            self._bytes(case, targets),
            conformance.check(case.before.header, case.after.header),
            *content.removed(case.changes),
        ]

    def _bytes(self, case: Case, targets: Targets) -> Check:
        needles = needles_of(targets.strings, encodings_of(case.before.header))
        finders, found = _Finders(needles), list[str]()
        size = 0
        for path in (case.path, *case.companions):
            with Written(path) as written:
                found += _left(written, finders, case)
                size += written.size
        return _check("sweep-bytes", found, {"bytes": size, "needles": len(needles)})


class _Finders:
    """One set of needles made ready for each kind of zone, once for all files of an object."""

    def __init__(self, needles: Sequence[Needle]) -> None:
        self._needles = needles
        self.text = Finder(needles)

    @cached_property
    def pixels(self) -> Finder:
        return Finder(self._needles, pixels=True)

    @cached_property
    def encoded(self) -> Finder:
        """Of what chance does not make of decoded noise."""
        return Finder(needle for needle in self._needles if len(needle.raw) >= TELLING)


def _left(written: Written, finders: _Finders, case: Case) -> Iterator[str]:
    """What stands in one file, and where."""
    start, end = pixel_span(written)
    zones = (("header", 0, start), ("pixel data", start, end), ("trailing bytes", end, written.size))
    for zone, first, last in zones:
        if first == last:
            continue
        pixels = zone == "pixel data"
        finder = finders.pixels if pixels else finders.text
        windows = _watched(written.windows(first, last, finder.reach - 1), case)
        cut = partial(_cut, written, first, last)
        hits = finder.among(windows, CHUNK)
        yield from (f"{hit.needle.kind} in the {zone}" for hit in hits if pixels or counts(cut, hit))
        if not pixels:
            yield from (f"{kind}, encoded, in the {zone}" for kind in _encoded(written, first, last, finders.encoded, case))
            yield from (f"{kind}, deflated, in the {zone}" for kind in _deflated(written, first, last, finders.text, case))


def _encoded(written: Written, first: int, last: int, finder: Finder, case: Case) -> Iterator[str]:
    """Kinds of what stands in a zone as base64 or in hexadecimal digits, each once."""
    kinds = set[str]()
    for _, window in _watched(written.windows(first, last, ENCODED), case):
        plain = decoded(window)
        hits = finder.within(np.frombuffer(plain, np.uint8))
        kinds |= {hit.needle.kind for hit in hits if counts(partial(_piece, plain), hit)}
    yield from sorted(kinds)


def _deflated(written: Written, first: int, last: int, finder: Finder, case: Case) -> Iterator[str]:
    """Kinds of what stands in gzip members and zlib streams of a zone, each once."""
    kinds = set[str]()
    for _, window in _watched(written.windows(first, last, CHUNK), case):
        for plain in packed.contents(window):
            case.context.deadline.check("sweep")
            if plain is None:
                kinds.add("what cannot be looked into")
                continue
            hits = finder.within(np.frombuffer(plain, np.uint8))
            kinds |= {hit.needle.kind for hit in hits if counts(partial(_piece, plain), hit)}
    yield from sorted(kinds)


def _piece(plain: bytes, start: int, end: int) -> bytes:
    return plain[start:end]


def _watched(windows: Iterable[tuple[int, bytes]], case: Case) -> Iterator[tuple[int, bytes]]:
    for window in windows:
        case.context.deadline.check("sweep")
        yield window


def _cut(written: Written, first: int, last: int, start: int, end: int) -> bytes:
    """The bytes between ``start`` and ``end`` that lie in the zone from ``first`` to ``last``."""
    return written.read(max(first, start), min(last, end))


def counts(cut: Callable[[int, int], bytes], hit: Hit) -> bool:
    """Whether a hit outside the pixel data is the identifier, not part of something longer that merely contains it.

    Numbers and UIDs count only when no digit goes on before or after; words do not count inside an everyday or clinical word.
    """
    before, after = surroundings(cut, hit)
    text = fold(hit.needle.text)
    if hit.needle.kind == "uid" or text.replace(".", "").isdigit():
        return not (
            before[-1:].isdigit() or before[-1:] == "." or after[:1].isdigit() or (after[:1] == "." and after[1:2].isdigit())
        )
    return not any(is_common(word) for word in _words(before, text, after))


def _words(before: str, text: str, after: str) -> Iterator[str]:
    """The word around a hit; a byte of a length or a tag may look like a letter, so the word is also tried without its ends."""
    left, right = before.rsplit(".", 1)[-1], after.split(".", 1)[0]
    for head in {left, left[1:]}:
        for tail in {right, right[:-1]}:
            if head or tail:
                yield fold(head + text + tail)


def _check(name: str, found: list[str], measured: dict[str, float]) -> Check:
    if not found:
        return Check(name, Status.PASSED, "nothing left of what was removed", measured)
    shown = [f"{what} ({count}x)" if count > 1 else what for what, count in Counter(found).most_common(FEW)]
    rest = len(set(found)) - len(shown)
    return Check(
        name, Status.FAILED, "; ".join(shown) + (f"; {rest} more" if rest > 0 else ""), {**measured, "found": len(found)}
    )
