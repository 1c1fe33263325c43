"""Names of people that no header announces: after titles, before degrees, with initials, as NAME^NAME, or in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from deidkit_ps315.text.doubtful_words import is_word
from deidkit_ps315.text.products import products
from deidkit_ps315.text.titles import (
    AFTER,
    AGENTS,
    DEEDS,
    PARTICLES,
    PLAIN,
    SIGNERS,
    STRONG,
    WEAK,
    is_eponym_use,
    is_title,
)
from deidkit_ps315.text.tokens import Passage, Span, Token, passage_of
from deidkit_ps315.text.vocabulary import clinical, english, eponyms, is_common, names

CARET = re.compile(r"(?:\w[\w'’.-]{0,63})?(?:\^+[^\W\d_][\w'’.-]{0,63})+")
INITIALS = re.compile(r"[A-Z]{1,2}")
WRITER = re.compile(r"(?:\s?[/:]\s?(?:[a-z]{2,3}|[A-Z]{2,3})(?![\w/])){1,3}")
POSSESSIVE = frozenset({"s"})
BODY = PLAIN - {"stone"}
"""What a capital letter and a stop before it shorten a word of anatomy for, rather than a given name."""
SIDES = frozenset("LR")
MOST_PARTS = 3
MOST_SHORTENED = 2
"""Letters of a part of a name that a stop may follow within the name."""
ABBREVIATION = 3


def find_people(text: str) -> list[Span]:
    """Names of persons in ``text``; parts of one name are joined to one span."""
    passage = passage_of(text)
    hit = [False] * len(passage.tokens)
    for number in range(len(passage.tokens)):
        if _is_name(passage, number):
            hit[number] = True
    for number, token in enumerate(passage.tokens):
        if is_title(passage, number):
            _follow(passage, hit, number, strict=False)
        elif token.text in STRONG:
            _follow(passage, hit, number, strict=True, listed=True)
        elif token.text in WEAK and passage.cased:
            _follow(passage, hit, number, strict=True)
        elif token.text in AGENTS:
            _follow(passage, hit, number, strict=True, listed=True)
        if token.text in DEEDS and number:
            _doer(passage, hit, number - 1)
        elif token.text in AFTER and token.raw.isupper() and number:
            _precede(passage, hit, number)
    _sign(passage, hit)
    _spread(passage, hit)
    return [
        *(_with_writer(text, span) for span in _joined(passage, hit)),
        *(Span(m.start(), m.end(), "name") for m in CARET.finditer(text) if not _is_protocol(m[0])),
    ]


@lru_cache(maxsize=4096)
def is_persons_name(text: str) -> bool:
    """Whether ``text`` is a person and nothing else: several parts of a name, of which titles and degrees may be some."""
    passage = passage_of(text)
    found = find_people(text)
    named = [any(one.start <= token.start and token.end <= one.end for one in found) for token in passage.tokens]
    beside = [token.text for token, name in zip(passage.tokens, named, strict=True) if not name]
    titled = "^" in text or any(word in STRONG for word in beside)
    return (
        any(named)
        and len(named) > 1
        and all(word in STRONG or word in AFTER for word in beside)
        and (titled or all(token.capital and token.text not in clinical() for token in passage.tokens))
    )


@lru_cache(maxsize=4096)
def may_be_person(text: str) -> bool:
    """Whether ``text`` is nothing but capitalised words that nobody knows or that people are called."""
    tokens = passage_of(text).tokens
    words = [token for token in tokens if token.text not in STRONG and token.text not in AFTER]
    if not words or any(token.text in products() for token in words):
        return False
    called = all(token.capital and token.text in names() for token in words)
    clinical_alone = all(token.text in clinical() for token in words) and "," not in text
    return all(_is_strange(token) for token in words) or (called and not clinical_alone)


def _with_writer(text: str, span: Span) -> Span:
    """The span with the initials of who wrote for somebody behind a stroke, as in ``Dr. Koch/md``."""
    written = WRITER.match(text, span.end)
    return Span(span.start, written.end(), span.kind) if written else span


def _is_protocol(text: str) -> bool:
    """``Head^Brain_General``, ``T1^POST``: some machines write region and protocol in the form of a name.

    Clinical words come first, or a code with digits or a clinical word stands beside what nobody is called.
    """
    first, _, rest = text.partition("^")
    one, other = passage_of(first).tokens, passage_of(rest).tokens
    if not other:
        return False
    if all(token.text in clinical() for token in one):
        return True
    if any(token.text in names() and token.text not in clinical() for token in (*one, *other)):
        return False
    return any(c.isdigit() for c in text) or all(
        token.text in clinical() and len(token.text) >= ABBREVIATION for token in other
    )


def _is_name(passage: Passage, number: int) -> bool:
    """By the list alone: a name that is no word, or in cased text one whose capital cannot come from a sentence's beginning."""
    token = passage.tokens[number]
    word = token.text
    if word in clinical() or word in eponyms() or len(word) < 3 or word not in names():
        return False
    if passage.cased and token.raw.isupper() and len(word) <= ABBREVIATION:
        return False
    if word not in english():
        return token.capital or len(word) > ABBREVIATION
    return passage.cased and token.capital and not token.raw.isupper() and not passage.opens_sentence(number)


def _follow(passage: Passage, hit: list[bool], number: int, strict: bool, listed: bool = False) -> None:
    """Marks what stands after a title, up to three parts, initials and particles included.

    ``strict`` takes no word for a name, ``listed`` only what is in the list of names.
    """
    taken = 0
    for at in range(number + 1, min(number + 1 + MOST_PARTS + 2, len(passage.tokens))):
        token = passage.tokens[at]
        if not re.fullmatch(r"[\s.,:'’-]{0,3}", token.gap) or (taken and ("," in token.gap or ":" in token.gap)):
            return
        if taken and "." in token.gap and len(passage.tokens[at - 1].raw) > MOST_SHORTENED:
            return
        if token.text in STRONG | POSSESSIVE:
            continue
        if (token.text in PARTICLES and not listed) or (INITIALS.fullmatch(token.raw) and len(token.raw) == 1):
            hit[at] = hit[at] or bool(taken) or not strict
            continue
        if not _may_be_name(passage, at, strict or taken > 0) or (listed and not taken and token.text not in names()):
            return
        hit[at] = True
        taken += 1
        if taken == MOST_PARTS:
            return


def _follows_initial(passage: Passage, number: int) -> bool:
    """``T. Petrosyan``: a word nobody knows or that people are called, with a capital, after a capital and a stop."""
    token = passage.tokens[number]
    if not token.capital or len(token.raw) <= ABBREVIATION or not re.fullmatch(r"\. ?", token.gap):
        return False
    before = passage.tokens[number - 1].raw
    if len(before) != 1 or not before.isupper():
        return False
    if token.text in names() and token.text not in eponyms():
        return token.text not in clinical() or (before not in SIDES and token.text not in BODY)
    return _unknown(token) and not is_word(token.text)


def _follows_small_initial(passage: Passage, number: int) -> bool:
    """``b. brook``: a clause of nothing but a letter, a stop and a word that people are called and that is no clinical one."""
    token, before = passage.tokens[number], passage.tokens[number - 1]
    if token.gap != ". " or len(before.raw) != 1 or not before.raw.islower() or len(token.raw) <= ABBREVIATION:
        return False
    alone = number == 1 or bool(passage.tokens[number - 1].gap.strip()) or passage.tokens[number - 2].text in AGENTS
    named = token.text in names() and token.text not in clinical() and token.text not in eponyms()
    return named and alone and _ends_clause(passage, number)


def _ends_clause(passage: Passage, number: int) -> bool:
    return number + 1 == len(passage.tokens) or bool(passage.tokens[number + 1].gap.strip(" -'’"))


def _follows_given_name(passage: Passage, number: int) -> bool:
    """``PAUL WINTER``: a word that people are called, clinical or not, which ends a clause after a name that is no word."""
    token, before = passage.tokens[number], passage.tokens[number - 1]
    if token.gap != " " or token.text not in names() or token.text in BODY or len(token.raw) <= ABBREVIATION:
        return False
    sure = before.text in names() and not is_common(before.text) and before.text not in eponyms()
    alike = (token.raw.isupper(), token.raw.islower()) == (before.raw.isupper(), before.raw.islower())
    return sure and alike and len(before.raw) > ABBREVIATION and _ends_clause(passage, number)


def _are_initials(token: Token) -> bool:
    return len(token.raw) in {2, 3} and token.raw.isalpha() and token.raw.isupper() and token.text not in clinical()


def _sign(passage: Passage, hit: list[bool]) -> None:
    for number, (before, token) in enumerate(pairwise(passage.tokens), 1):
        signed = before.text in SIGNERS and _are_initials(token)
        hit[number] = hit[number] or signed or _follows_initial(passage, number)
        if _follows_small_initial(passage, number) or (_follows_given_name(passage, number) and hit[number - 1]):
            hit[number - 1] = hit[number] = True
        if token.gap == " " and (
            (_is_strange(before) and _is_strange(token)) or (passage.cased and _are_called(before, token))
        ):
            hit[number - 1] = hit[number] = True


def _is_strange(token: Token) -> bool:
    """A capitalised word that nobody knows; two of them in a row are a person."""
    long = len(token.raw) > ABBREVIATION and token.capital and not token.raw.isupper()
    return long and _unknown(token) and not is_word(token.text)


def _are_called(one: Token, other: Token) -> bool:
    """Two capitalised words in a row that people are called (``Grace Young``), not both of them clinical."""
    both = (one, other)
    return all(t.capital and not t.raw.isupper() and len(t.raw) > ABBREVIATION and t.text in names() for t in both) and not all(
        t.text in clinical() or t.text in eponyms() for t in both
    )


def _may_be_name(passage: Passage, number: int, strict: bool) -> bool:
    token = passage.tokens[number]
    if not token.raw.isalpha() or token.text in WEAK or token.text in AFTER:
        return False
    listed = token.text in names() and (token.text not in clinical() or _stands_alone(passage, number))
    if passage.cased and not token.capital:
        return not strict and token.text in names()
    if not strict or (listed and not passage.cased):
        return len(token.raw) > 1
    if token.text in eponyms():
        return not is_eponym_use(passage, number)
    if passage.cased and token.raw.isupper() and len(token.raw) <= ABBREVIATION + 1:
        return listed
    return (listed or token.text not in clinical()) and (passage.cased or token.text not in english()) and len(token.raw) > 1


def _stands_alone(passage: Passage, number: int) -> bool:
    """Whether a word that is usually clinical can only be a name where it stands after a word that announces one."""
    token = passage.tokens[number]
    if passage.cased:
        return token.capital and len(token.raw) > ABBREVIATION and not passage.opens_sentence(number)
    return number + 1 == len(passage.tokens) or bool(passage.tokens[number + 1].gap.strip())


def _doer(passage: Passage, hit: list[bool], number: int) -> None:
    """Marks who informed, agreed or requested, as in ``King notified at 3 pm``."""
    token = passage.tokens[number]
    if token.text in names() and len(token.text) > 1 and (token.capital or not passage.cased) and token.raw.isalpha():
        hit[number] = token.text not in WEAK | STRONG


def _precede(passage: Passage, hit: list[bool], number: int) -> None:
    """Marks the name before a degree, as in ``John Doe, MD``."""
    for at in range(number - 1, max(-1, number - 3), -1):
        if passage.tokens[at + 1].gap.strip(" ,.") or not _may_be_name(passage, at, strict=True):
            return
        hit[at] = True


def _spread(passage: Passage, hit: list[bool]) -> None:
    """Takes in what stands beside a name and can only be part of it: initials, particles, another possible name."""
    tokens = passage.tokens
    for number in [n for n, one in enumerate(hit) if one]:
        for step in (-1, 1):
            at = number + step
            while (
                0 <= at < len(tokens) and not hit[at] and _belongs(passage, at, tokens[max(at, at - step)].gap, hit[at - step])
            ):
                hit[at] = True
                at += step


def _belongs(passage: Passage, at: int, gap: str, beside: bool) -> bool:
    token = passage.tokens[at]
    if not beside or not re.fullmatch(r"[ .,'’-]{0,2}", gap):
        return False
    if gap == "-" and len(token.raw) > 1 and token.raw.isalpha():
        return not passage.cased or token.capital
    if INITIALS.fullmatch(token.raw) and len(token.raw) == 1:
        return "." in gap + _after(passage, at) or passage.cased
    if token.text in PARTICLES and (passage.cased is False or not token.capital or len(token.raw) > 1):
        return token.text not in {"d", "o", "la", "al", "du", "di", "da", "de", "el"} or token.capital
    if token.text in eponyms() and is_eponym_use(passage, at):
        return False
    if token.text in names() and token.text not in clinical():
        return not passage.cased or token.capital or _is_small_name(passage, at)
    if not token.capital or not _unknown(token):
        return False
    if passage.cased and not token.raw.isupper() and not passage.opens_sentence(at):
        return True
    return len(token.raw) > ABBREVIATION + 1 and not is_word(token.text)


def _is_small_name(passage: Passage, at: int) -> bool:
    """``anna brook``: the second of two words, where the first is a name that is no word and has no capital either."""
    return (
        at > 0
        and len(passage.tokens[at].raw) > ABBREVIATION
        and not passage.tokens[at - 1].capital
        and passage.tokens[at].gap == " "
    )


def _after(passage: Passage, at: int) -> str:
    return passage.tokens[at + 1].gap if at + 1 < len(passage.tokens) else passage.text[passage.tokens[at].end :]


def _unknown(token: Token) -> bool:
    return token.raw.isalpha() and token.text not in clinical() and token.text not in english() and token.text not in eponyms()


def _joined(passage: Passage, hit: list[bool]) -> Iterator[Span]:
    start: int | None = None
    for number, token in enumerate(passage.tokens):
        if not hit[number]:
            continue
        if start is None:
            start = token.start
        following = number + 1
        goes_on = following < len(hit) and hit[following] and re.fullmatch(r"[ .,'’-]{0,3}", passage.tokens[following].gap)
        if not goes_on:
            yield Span(start, token.end, "name")
            start = None
