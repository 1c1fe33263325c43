"""Names of machines and of their makers, some of which people are called as well: Biograph Vision, Achieva, Philips."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache

from deidkit_ps315.standard.addresses import keyword_of
from deidkit_ps315.standard.table import TABLES
from deidkit_ps315.text.tokens import Span, tokens_of

PRODUCT = re.compile(r"Manufacturer(?!sDevice|DeviceIdentifier|DeviceClassUID)|ModelName$|SoftwareVersions?$")
LETTERS, MOST_DIGITS = 2, 4
BUILT = "device"
CALLED = frozenset({BUILT, "institution", "place", "value"})
"""Kinds of identifiers that may be called like a product. Only words of ``products.txt`` prove that one is meant."""


@cache
def is_product(tag: int) -> bool:
    """Whether the attribute says which product made an object, not which piece of it."""
    return PRODUCT.search(keyword_of(tag)) is not None


@cache
def products() -> Collection[str]:
    """The words of ``products.txt``."""
    paragraphs = (TABLES / "products.txt").read_text("utf-8").split("\n\n", 1)[1]
    return dict.fromkeys(paragraphs.split())


def not_of_product(text: str, found: Iterable[Span]) -> list[Span]:
    """Which of the identifiers found in the value of such an attribute have to go.

    One word of the patient's name stays where a product is named with it, and is more than the whole value; so does a station
    or a house that is called like the product. Numbers go, and so does a name of several parts.
    """
    spans = list(found)
    tokens = tokens_of(text)
    named = {
        token.text for token in tokens if any(s.start <= token.start and token.end <= s.end and s.kind == "name" for s in spans)
    }
    beside = {token.text for token in tokens if token.raw.isalpha() and len(token.raw) >= LETTERS} - named
    called = len(named) == 1 and bool(beside) and any(word in products() for word in named | beside)
    return [span for span in spans if not _stays(text, span, called)]


def _stays(text: str, span: Span, called: bool) -> bool:
    words = tokens_of(text[span.start : span.end])
    if span.kind == "name":
        return called and len(words) == 1
    numbered = span.kind == BUILT and sum(c.isdigit() for c in text[span.start : span.end]) >= MOST_DIGITS
    return span.kind in CALLED and not numbered and any(word.text in products() for word in words)
