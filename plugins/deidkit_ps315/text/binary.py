"""Takes known identifiers out of bytes that nobody can interpret: unknown elements, tables, waveforms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from deidkit.headers.raw_elements import Codecs
from deidkit.identity.dates import Dates, find_dates
from deidkit_ps315.text import csa, packed
from deidkit_ps315.text.byte_search import needles_of, scan
from deidkit_ps315.text.known_identifiers import Known
from deidkit_ps315.text.tokens import Span

TEXTLIKE = 1 << 22
"""Bytes up to which a value is read as text too. Larger ones are samples, in which short identifiers stand by chance."""
SHORTEST = 5
BLANK = b" "
WHOLE, FREE_TEXT = frozenset({"DA", "DT", "PN"}), frozenset({"LO", "LT", "SH", "ST", "UT"})
LETTERS = re.compile(r"[^\W\d_]{3}")
UIDS = re.compile(rb"(?<![0-9.])[0-2](?:\.(?:0|[1-9][0-9]*)){4,}(?!\.?[0-9])")
SHORTEST_UID = 10
READABLE = re.compile(rb"[\t\n\f\r -~\x80-\xff]+\0*")
PRINTABLE = re.compile(rb"[\t\n\r -~\x80-\xff]{4,}")
UNPRINTABLE = bytes((*range(32), *range(127, 256)))
MOST_UNPRINTABLE = 0.3
"""Share of bytes that are no printable ASCII: two thirds among numbers, nearly none in text."""


@dataclass(frozen=True, slots=True)
class Bytewise:
    """How identifiers are found in bytes.

    Args:
        known: what is known of the patient.
        find: where known identifiers stand in a text.
        dates: known dates.
        declared: the character sets of the data set.
        new_uid: gives the UID that stands for another one, or the same one where it stays.
        certain: what of a free text identifies: (start, end, what stands for it).
        cleaned: a free text without it.
    """

    known: Known
    find: Callable[[str], list[Span]]
    dates: Dates
    declared: Codecs
    new_uid: Callable[[str], str]
    certain: Callable[[str], Sequence[tuple[int, int, str]]]
    cleaned: Callable[[str], str]


def blanked(value: bytes, by: Bytewise, depth: int = packed.DEEPEST, *, numbers: bool = False) -> bytes:
    """``value`` with identifiers overwritten by blanks and UIDs replaced, its length unchanged.

    A value that is nothing but a UID, or that holds deflated streams, may become longer or shorter. Values of up to 4 MiB are
    also read as 8-bit text, by whole tokens; in larger ones only strings count that chance cannot make. The free texts of CSA
    headers, and deflated ones, are cleaned as text. What is deflated more than ``depth`` times is emptied. ``numbers`` are read
    as text only where they look like it: a coordinate overwritten by mistake would be another shape.
    """
    value = packed.repacked(value, lambda content: _content(content, by, depth - 1) if depth else b"")
    if UIDS.fullmatch(alone := value.strip(b"\0 ")):
        return by.new_uid(alone.decode("ascii")).encode("ascii")
    large = len(value) > TEXTLIKE
    made = bytearray(value)
    for start, end, uid in _uids(value, by.new_uid):
        made[start:end] = uid
    strings = {text: kind for text, kind in (*by.known.singles.items(), *by.known.inside) if len(text) >= SHORTEST}
    strings |= dict.fromkeys((*by.known.unspaced, *by.known.written), "name")
    hits = scan(np.frombuffer(made, np.uint8), needles_of(strings, by.declared), pixels=large)
    spans = [(hit.start, hit.start + len(hit.needle.raw)) for hit in hits]
    if not large and (not numbers or _looks_like_text(value)):
        spans += [span for run in PRINTABLE.finditer(bytes(made)) for span in _in_text(run, by)]
        spans += list(_in_csa(bytes(made), by))
    for start, end in spans:
        made[start:end] = BLANK * (end - start)
    return bytes(made)


def _looks_like_text(value: bytes) -> bool:
    """Whether nearly all bytes are printable, those of two-byte text left out that are zero."""
    told = value.replace(b"\0", b"")
    return len(told) - len(told.translate(None, UNPRINTABLE)) <= MOST_UNPRINTABLE * len(told)


def _content(content: bytes, by: Bytewise, depth: int) -> bytes:
    """What was deflated: text is cleaned line by line, and may change its length; anything else as bytes."""
    if not READABLE.fullmatch(content):
        return blanked(content, by, depth)
    return "".join(map(by.cleaned, content.decode("latin-1").splitlines(keepends=True))).encode("latin-1")


def _in_text(run: re.Match[bytes], by: Bytewise) -> Iterator[tuple[int, int]]:
    text, base = run.group().decode("latin-1"), run.start()
    yield from ((base + span.start, base + span.end) for span in by.find(text))
    yield from ((base + one.start, base + one.end) for one in find_dates(text) if one.means(by.dates))


def _in_csa(value: bytes, by: Bytewise) -> Iterator[tuple[int, int]]:
    """Names and dates of a CSA header as a whole, and what identifies in its free texts; numbers in a row are geometry."""
    for item in csa.items(value):
        if item.vr in WHOLE:
            yield item.start, item.end
        elif item.vr in FREE_TEXT and LETTERS.search(text := value[item.start : item.end].decode("latin-1")):
            yield from ((item.start + start, item.start + end) for start, end, _ in by.certain(text))


def _uids(value: bytes, new_uid: Callable[[str], str]) -> Iterator[tuple[int, int, bytes]]:
    """Where UIDs stand, and what of the same length stands for each: padded behind, or cut where the new one is longer."""
    for match in UIDS.finditer(value):
        old = match.group().decode("ascii")
        if not SHORTEST_UID <= len(old) <= 64 or (new := new_uid(old)) == old:
            continue
        behind = value[match.end() : match.end() + 1]
        cut = new[: len(old)]
        cut = cut[:-1] + "1" if cut.endswith(".") else cut
        yield match.start(), match.end(), cut.encode("ascii").ljust(len(old), b"\0" if behind in {b"", b"\0"} else BLANK)
