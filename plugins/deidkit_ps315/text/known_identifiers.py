"""Finds what is known to identify this patient inside a text.

Texts are compared token by token, case and diacritics folded. A part of a name that is also a word counts as the language has
it: an everyday word (Young, King) only with a capital, a clinical one (Brown, Chest) only after a title, beside another part of
the same name, or with a capital where capitals mean something; in capitals, one that people are called and that is no word of
anatomy or of protocols. An eponym (Baker) counts unless what follows makes it one, two letters (Ng) when they are written as a
name. Short identifiers count only after a word such as ID.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise, permutations

from deidkit.headers.raw_elements import Codecs
from deidkit.identity.folding import CJK, SPLIT, fold
from deidkit.identity.names import name_tokens, other_spellings
from deidkit.types import Identifier, Identifiers
from deidkit_ps315.text.fuzzy import Speller, plain_digits
from deidkit_ps315.text.titles import ABBREVIATIONS, PLAIN, is_eponym_use, is_title
from deidkit_ps315.text.tokens import UNSPACED, Passage, Span, Token, find_inside, passage_of, tokens_of
from deidkit_ps315.text.vocabulary import clinical, english, eponyms, is_common, names

UID = re.compile(r"(?<![\d.])[0-2](?:\.\d+){4,}(?!\.?\d)")
_ID_CONTEXT = "id mrn pid no nr num number acc accession patient pat pt case ref study fall chart record file order req"
ID_CONTEXT = frozenset(_ID_CONTEXT.split())
SURE_CONTEXT = frozenset({"id", "mrn", "pid", "acc", "accession", "chart"})
"""Of these, what tells an identifier of one or two characters from a count."""
LOCAL_KINDS = frozenset({"uid", "date", "time"})
SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ ._-]{1,2}){3,}[^\W\d_](?![^\W_])")
CUTS, LONGEST_CUT = frozenset({"-", "/", "'", "|", ".", "-\n", "-\r\n"}), 3
LOCAL = (6, 7)
"""Digits of a telephone number without its area."""
SHORTEST_NAME = 2
LONG_WHOLE = 8
"""Characters from which on a name counts as it is written, whatever its words mean; the sweep looks for such ones."""
SHORTEST_RUN = 4
"""Letters of a Thai or similar name that is looked for inside of running text."""
LONG_NAME, LONG_ID, SHORT_ID, LONGEST_JOIN, CUT = 5, 6, 5, 40, 7


def _written_as_name(passage: Passage, number: int) -> bool:
    """Whether a clinical word that is also the patient's name has a capital that says something, or may not be a word here."""
    token = passage.tokens[number]
    if not token.raw.isupper():
        return passage.cased and token.capital
    return token.text in names() and token.text not in PLAIN


def _is_short_name(passage: Passage, number: int) -> bool:
    """Whether two letters of the patient's name are written as one: ``Ng``, or ``NG`` where that is no abbreviation."""
    token = passage.tokens[number]
    if not token.capital:
        return False
    following = passage.tokens[number + 1].gap if number + 1 < len(passage.tokens) else ""
    if set(token.gap + following) & {"^", ","}:
        return True
    if token.raw.isupper():
        return not is_common(token.text) or (token.text in names() and token.text not in ABBREVIATIONS)
    return not is_common(token.text) or not passage.opens_sentence(number)


@dataclass(eq=False)
class Known:
    """Lookup tables made of one patient's identifiers."""

    singles: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)
    shorts: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, dict[tuple[str, ...], str]] = field(default_factory=lambda: defaultdict(dict))
    compact: dict[str, str] = field(default_factory=dict)
    inside: list[tuple[str, str]] = field(default_factory=list)
    unspaced: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    speller: Speller = field(default_factory=Speller)
    houses: Speller = field(default_factory=Speller)
    cleaned: dict[object, str] = field(default_factory=dict, repr=False)
    harmless: dict[object, set[tuple[bytes, Codecs, bool]]] = field(default_factory=dict, repr=False)

    def find(self, text: str, fuzzy: bool = False) -> list[Span]:
        """All parts of ``text`` that are known to identify, in no order; they may overlap. ``fuzzy`` allows for errors."""
        passage = passage_of(text)
        found = [*self._phrases(passage.tokens), *self._compact(passage.tokens, fuzzy), *self._spelled(text)]
        for number, token in enumerate(passage.tokens):
            kind = self._single(passage, number) or self._inside(token.text) or (self._similar(token.text) if fuzzy else None)
            if kind:
                found.append(Span(token.start, token.end, kind))
        found += [Span(start, end, "name") for start, end in find_inside(text, self.unspaced)]
        return found

    def in_uid(self, value: str) -> bool:
        """Whether a component of a UID is a number of the patient, as some machines make them."""
        return any(
            len(part) >= LONG_ID and self.compact.get(part.lstrip("0"), self.compact.get(part)) == "id"
            for part in value.split(".")
        )

    def _single(self, passage: Passage, number: int) -> str | None:
        token = passage.tokens[number]
        previous = passage.tokens[number - 1].text if number else ""
        titled = number > 0 and is_title(passage, number - 1)
        kind = self.singles.get(token.text)
        if kind is None and previous in (ID_CONTEXT if len(token.text) > SHORTEST_NAME else SURE_CONTEXT):
            kind = self.shorts.get(token.text)
        if kind is None and token.text in self.names and self._meant(passage, number, titled):
            kind = self.names[token.text]
        if kind is None and token.text in self.pairs and (titled or _is_short_name(passage, number)):
            kind = self.pairs[token.text]
        return kind

    @staticmethod
    def _meant(passage: Passage, number: int, titled: bool) -> bool:
        """Whether a word that is also part of a known name is used as the name here."""
        token = passage.tokens[number]
        if token.text in eponyms():
            return not is_eponym_use(passage, number, of_patient=True)
        if token.text in clinical():
            return titled or _written_as_name(passage, number)
        return token.text not in english() or token.capital or titled

    def _inside(self, token: str) -> str | None:
        """A long identifier glued to something else, as in JOHNDOE or MRN4711228, or a long name cut short."""
        if len(token) <= LONG_NAME or is_common(token) or token in eponyms():
            return None
        for part, kind in self.inside:
            if (len(part) < len(token) and part in token) or (kind == "name" and len(token) >= CUT and part.startswith(token)):
                return kind
        return None

    def _similar(self, token: str) -> str | None:
        if is_common(token) or token in eponyms():
            return None
        digits = sum(c.isdigit() for c in token)
        if digits and len(token) >= LONG_ID and plain_digits(token) in self.compact:
            return self.compact[plain_digits(token)]
        if digits * 3 > len(token):
            return None
        return "name" if self.speller.knows(token) else "institution" if self.houses.knows(token) else None

    def _phrases(self, tokens: tuple[Token, ...]) -> Iterator[Span]:
        for number, token in enumerate(tokens):
            for rest, kind in self.phrases.get(token.text, {}).items():
                end = number + 1 + len(rest)
                if end <= len(tokens) and all(t.text == r for t, r in zip(tokens[number + 1 : end], rest, strict=True)):
                    yield Span(token.start, tokens[end - 1].end, kind)

    def _spelled(self, text: str) -> Iterator[Span]:
        """Names letter by letter, as in ``D O E``."""
        for match in SPELLED.finditer(text):
            joined = fold("".join(c for c in match[0] if c.isalpha()))
            if joined in self.singles or self._spells(joined):
                yield Span(match.start(), match.end(), "name")

    def _spells(self, joined: str) -> bool:
        return joined in self.names or any(name in joined for name in self.names if len(name) >= LONG_NAME)

    def _broken(self, one: Token, other: Token, fuzzy: bool) -> bool:
        """A name that a hyphen, a line or a stray sign cuts in two."""
        joined = one.text + other.text
        if not joined.isalpha() or is_common(joined) or (is_common(one.text) and is_common(other.text)):
            return False
        known = joined in self.names and len(joined) > LONG_NAME
        return known or (fuzzy and other.gap in CUTS and not is_common(one.text) and self.speller.knows(joined))

    def _compact(self, tokens: tuple[Token, ...], fuzzy: bool) -> Iterator[Span]:
        """Identifiers written with other separators, as 4711-228 or 47 11 228 for 4711228."""
        for one, other in pairwise(tokens):
            if len(other.gap) <= LONGEST_CUT and self._broken(one, other, fuzzy):
                yield Span(one.start, other.end, "name")
        if not self.compact:
            return
        for number, token in enumerate(tokens):
            joined = token.text
            for after in tokens[number + 1 : number + 8]:
                joined += after.text
                if len(joined) > LONGEST_JOIN or len(after.gap) > 3:
                    break
                kind = self.compact.get(joined) or self.compact.get(joined.lstrip("0"))
                if kind is None and fuzzy and sum(c.isdigit() for c in joined) * 2 >= len(joined) >= LONG_ID:
                    kind = self.compact.get(plain_digits(joined))
                if kind:
                    yield Span(token.start, after.end, kind)

    def add(self, item: Identifier) -> None:
        """Makes one identifier known."""
        adder = {
            "name": self._add_name,
            "value": self._add_value,
            "id": self._add_id,
            "device": self._add_id,
            "contact": self._add_contact,
        }
        adder.get(item.kind, self._add_phrase)(item.kind, item.value)

    def _add_value(self, kind: str, value: str) -> None:
        """As a whole, whatever its words mean alone."""
        first, *rest = [token.text for token in tokens_of(value)] or [""]
        if rest:
            self.phrases[first][tuple(rest)] = kind
        elif first and not is_common(first):
            self.singles[first] = kind

    def _add_name(self, kind: str, value: str) -> None:
        parts = name_tokens(value)
        pieces = [piece for piece in SPLIT.split(value) if fold(piece) in parts]
        self.singles |= dict.fromkeys((piece for piece in SPLIT.split(value) if len(piece) == 1 and CJK.match(piece)), kind)
        self.written |= {piece for piece in pieces if not piece.isascii()}
        others = [other for other in sorted(other_spellings(value)) if not is_common(other)]
        for part in (*parts, *others):
            ideographic = CJK.search(part) is not None
            if len(part) > 1 if ideographic else len(part) >= SHORTEST_RUN and UNSPACED.search(part):
                self.unspaced.add(part)
            if not ideographic and len(part) == SHORTEST_NAME:
                self.pairs[part] = kind
            if not ideographic and len(part) > SHORTEST_NAME:
                self.names[part] = kind
                if not is_common(part):
                    self.speller.add(part)
                    if len(part) >= LONG_NAME:
                        self.inside.append((part, kind))
        for group in value.split("="):
            whole = tuple(token.text for token in tokens_of(group))
            if len(whole) > 1 and len(group.strip("^ ")) >= LONG_WHOLE:
                self.phrases[whole[0]][whole[1:]] = kind
        for one, other in permutations(parts[:5], 2):
            self.phrases[one][(other,)] = kind
            self.compact[one + other] = self.singles[one + other] = kind

    def _add_id(self, kind: str, value: str) -> None:
        parts = tuple(token.text for token in tokens_of(value))
        joined = "".join(parts)
        if not joined:
            return
        if len(joined) < SHORT_ID and (joined.isdigit() or joined.isalpha() or len(joined) <= SHORTEST_NAME):
            self.shorts[joined] = kind
        elif not is_common(joined):
            self.singles[joined] = self.compact[joined] = self.compact[plain_digits(joined)] = kind
            if len(joined) >= LONG_ID and any(c.isdigit() for c in joined):
                self.inside.append((joined, kind))
        if len(parts) > 1:
            self.phrases[parts[0]][parts[1:]] = kind
            self._add_tail("".join(parts[1:]), kind)
        digits = "".join(c for c in joined if c.isdigit())
        if digits != joined and len(digits) >= LONG_ID:
            self.singles[digits] = self.compact[digits] = kind
            self.inside.append((digits, kind))

    def _add_tail(self, tail: str, kind: str) -> None:
        """A number without its prefix."""
        if len(tail) >= LONG_ID and sum(c.isdigit() for c in tail) >= LONG_ID - 2 and not is_common(tail):
            self.singles[tail] = self.compact[tail] = kind

    def _add_contact(self, kind: str, value: str) -> None:
        digits = "".join(c for c in value if c.isdigit())
        for number in (
            digits,
            digits.lstrip("0"),
            digits[2:] if len(digits) > 9 else "",
            *(digits[-local:] for local in LOCAL if len(digits) > 9),
        ):
            if len(number) >= LONG_ID:
                self.compact[number] = self.singles[number] = kind
                self.inside.append((number, kind))
        if len(digits) < LONG_ID or "@" in value:
            self._add_phrase(kind, value)

    def _add_phrase(self, kind: str, value: str) -> None:
        """An address or the name of an institution: as a whole, its telling words, and pairs of words with one of these."""
        parts = tuple(token.text for token in tokens_of(value))
        telling = [part for part in parts if self._tells(part)]
        if len(parts) > 2 or (len(parts) > 1 and telling):
            self.phrases[parts[0]][parts[1:]] = kind
        for one, other in pairwise(parts):
            if any(c.isdigit() for c in one) and any(c.isdigit() for c in other) and len(one + other) > LONG_NAME:
                self.singles[one + other] = kind
            if self._tells(one) or self._tells(other):
                self.phrases[one][(other,)] = kind
        for part in telling:
            self.singles[part] = kind
            if len(part) >= LONG_ID and part.isalpha():
                self.houses.add(part)

    @staticmethod
    def _tells(part: str) -> bool:
        return (len(part) >= 4 and not part.isdigit() and not is_common(part)) or (part.isdigit() and len(part) >= 5)


def known_of(identifiers: Identifiers, skip: frozenset[str] = frozenset()) -> Known:
    """The lookup tables for everything but dates, times and UIDs, which are found by their form.

    ``skip`` names kinds that the profile keeps.
    """
    return _known(frozenset(item for item in identifiers.items if item.kind not in LOCAL_KINDS | skip))


def retained_of(identifiers: Identifiers, kinds: frozenset[str]) -> Known:
    """The lookup tables for the numbers of ``kinds``, which the profile keeps; words alone may be somebody's name."""
    return _known(frozenset(item for item in identifiers.items if item.kind in kinds and any(c.isdigit() for c in item.value)))


def listed_of(values: Iterable[Identifier]) -> Known:
    """The lookup tables for values of listed attributes."""
    return _known(frozenset(values))


@lru_cache(maxsize=64)
def _known(items: frozenset[Identifier]) -> Known:
    known = Known()
    for item in sorted(items, key=lambda item: (item.kind, item.keyword, item.value)):
        known.add(item)
    return known
