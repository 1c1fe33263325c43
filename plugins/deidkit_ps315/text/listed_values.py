"""Values of listed attributes, which must not stand elsewhere either: the scrubber removes them, the sweep looks for them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, Codecs, effective_vr, elements_of, encodings_of, text_of
from deidkit.identity.names import is_identifying, is_standard_uid
from deidkit.types import Identifier
from deidkit_ps315.standard.table import rows
from deidkit_ps315.text.doubtful_words import find_doubts
from deidkit_ps315.text.nomenclature import find_nomenclature
from deidkit_ps315.text.tokens import passage_of

TEXT = frozenset({"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
LONG_VALUE = 8


@cache
def listed() -> frozenset[int]:
    """Tags of Table E.1-1 that hold an identity rather than a description."""
    return frozenset(tag for row in rows() if "clean_descriptors" not in row.options for tag in row.tags())


@lru_cache(maxsize=16384)
def telling(vr: str, text: str) -> tuple[Identifier, ...]:
    """Those values of a listed attribute that say more than words and measures that stand in anybody's text."""
    return tuple(_telling(vr, text))


def _telling(vr: str, text: str) -> Iterator[Identifier]:
    for value in text.split("\\"):
        kind = "name" if vr == "PN" else "value"
        if len(value) < LONG_VALUE or not is_identifying("value", value) or is_standard_uid(value):
            continue
        if kind == "name" or not _is_harmless(value):
            yield Identifier(kind, "", value)


@lru_cache(maxsize=8192)
def _is_harmless(value: str) -> bool:
    named = find_nomenclature(value)
    return all(any(a <= span.start and span.end <= b for a, b in named) for span in find_doubts(passage_of(value)))


def values_of(header: Dataset, tags: frozenset[int], depth: int, parent: Codecs = UNDECLARED) -> Iterator[Identifier]:
    """The telling values of ``tags`` in ``header`` and, down to ``depth``, in what is nested in it."""
    codecs = encodings_of(header, parent)
    for element in elements_of(header):
        tag, vr = int(element.tag), element.VR
        if vr is None or vr == "UN":
            vr = effective_vr(tag, vr)
        if vr == "SQ":
            for item in (header[element.tag].value or ()) if depth else ():
                yield from values_of(item, tags, depth - 1, codecs)
        elif tag in tags and vr in TEXT:
            yield from telling(vr, text_of(element, codecs))
