"""What the sweep looks for: every identifier of the input that the profile did not keep on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from deidkit.identity.folding import CJK, SPLIT, fold
from deidkit.identity.names import name_tokens
from deidkit.types import Identifier, Identifiers
from deidkit_ps315.standard.addresses import is_class_uid
from deidkit_ps315.sweep.leaves import Key, Leaf
from deidkit_ps315.text.listed_values import LONG_VALUE, TEXT, listed, telling
from deidkit_ps315.text.products import is_product, products
from deidkit_ps315.text.tokens import UNSPACED, tokens_of
from deidkit_ps315.text.vocabulary import is_common

PERSONAL = frozenset({"name", "id"})
"""Kinds that a kept value never excuses elsewhere, unless it is that very value, or in the bytes the name of a product."""
LONG_UID, LONG_NUMBER = 10, 6


@dataclass
class Targets:
    """Tokens to find whole in elements, and strings to find anywhere in the bytes, each with its kind."""

    tokens: dict[str, str] = field(default_factory=dict)
    strings: dict[str, str] = field(default_factory=dict)
    uids: set[str] = field(default_factory=set)
    unspaced: set[str] = field(default_factory=set)

    def add(self, item: Identifier, minimum: int) -> None:
        if item.kind == "uid":
            self.uids.add(item.value)
            if len(item.value) >= LONG_UID:
                self.strings[item.value] = "uid"
        elif item.kind not in {"date", "time"}:
            made = _made_of(item, minimum)
            self.tokens.update(made.tokens)
            self.strings.update(made.strings)
            self.unspaced |= made.unspaced

    def add_words(self, item: Identifier, minimum: int) -> None:
        """What is not a UID, a date or a time."""
        if item.kind == "name":
            self._add_name(item.value, minimum)
        else:
            self._add_value(item.kind, item.value, minimum)

    def _add_name(self, value: str, minimum: int) -> None:
        for token in name_tokens(value):
            ideographic = CJK.search(token) is not None
            if is_common(token) or (len(token) < 3 and not ideographic):
                continue
            self.tokens[token] = "name"
            if ideographic or (len(token) >= minimum and UNSPACED.search(token)):
                self.unspaced.add(token)
            if len(token) >= (2 if ideographic else minimum):
                self.strings[token] = "name"
        for piece in SPLIT.split(value):
            if not piece.isascii() and fold(piece) in self.strings:
                self.strings[piece] = "name"
        for group in value.split("="):
            if len(group.strip("^ ")) >= LONG_VALUE and ("^" in group or " " in group):
                self.strings[group.strip("^ ")] = "name"

    def _add_value(self, kind: str, value: str, minimum: int) -> None:
        parts = [token.text for token in tokens_of(value)]
        joined = "".join(parts)
        telling = not all(is_common(part) or len(part) < 3 for part in parts) and not is_common(joined)
        if len(parts) == 1 and telling and len(joined) >= (minimum if joined.isdigit() or joined.isalpha() else 4):
            self.tokens[joined] = kind
        if telling and len(value) >= (minimum if len(parts) == 1 and not joined.isdigit() else LONG_VALUE):
            self.strings[value] = kind
        digits = re.sub(r"\D", "", value)
        if len(digits) >= LONG_NUMBER and kind in {"id", "contact"}:
            self.strings[digits] = kind


@lru_cache(maxsize=16384)
def _made_of(item: Identifier, minimum: int) -> Targets:
    """What one identifier adds; the same ones come with every object of a patient."""
    made = Targets()
    made.add_words(item, minimum)
    return made


def build(before: list[Leaf], after: list[Leaf], known: Identifiers, touched: Mapping[Key, str], minimum: int) -> Targets:
    """Identifiers known of the patient and the values of listed attributes of this object, less the values kept on purpose.

    Paths of changes count in the written object, from which items of sequences may be missing.
    """
    on_purpose = {key for key, action in touched.items() if action == "K"}
    leaves = [leaf for leaf in after if leaf[:2] in on_purpose or (leaf.vr == "UI" and is_class_uid(leaf.tag))]
    kept = {fold(value) for leaf in leaves for value in leaf.text.split("\\")}
    products = {fold(leaf.text) for leaf in leaves if is_product(leaf.tag)}
    kept_tokens = {token.text for value in kept for token in tokens_of(value)}
    targets = Targets()
    for item in (*known.items, *_values(before)):
        if fold(item.value) not in kept:
            targets.add(item, minimum)
    models = [fold(leaf.text) for leaf in after if is_product(leaf.tag)]
    targets.strings = {
        string: kind for string, kind in targets.strings.items() if kind in PERSONAL or not _is_part_of_product(string, models)
    }
    if not kept:
        return targets
    targets.tokens = {token: kind for token, kind in targets.tokens.items() if kind in PERSONAL or token not in kept_tokens}
    targets.strings = {
        string: kind
        for string, kind in targets.strings.items()
        if fold(string) not in kept and not any(fold(string) in value for value in (products if kind in PERSONAL else kept))
    }
    return targets


def _is_part_of_product(value: str, models: list[str]) -> bool:
    """Whether a station or a house is called like a listed product that the object names, or by the beginning of it."""
    return any(fold(value) in model for model in models) and any(token.text in products() for token in tokens_of(value))


def _values(before: list[Leaf]) -> Iterator[Identifier]:
    for leaf in before:
        if leaf.vr in TEXT and leaf.tag in listed():
            yield from telling(leaf.vr, leaf.text)
