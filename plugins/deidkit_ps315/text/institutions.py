"""Names of hospitals and practices that no header announces: a name before or after a word such as Hospital or Klinikum."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deidkit_ps315.text.tokens import Passage, Span, passage_of
from deidkit_ps315.text.vocabulary import clinical, english, names

_HOUSES = (
    "hospital hospitals clinic clinics klinik klinikum krankenhaus hopital ospedale ziekenhuis sykehus infirmary polyclinic "
    "policlinico sanatorium hospice universitatsklinikum universitatsspital spital spitalul szpital clinica chu university "
    "universitat universite universita universidad institute institut practice praxis ward"
)
HOUSES = frozenset(_HOUSES.split())
_CENTRES = "center centre imaging radiology medical health healthcare associates group trust"
CENTRES = frozenset(_CENTRES.split())
SAINTS = frozenset({"st", "saint", "san", "santa", "sankt", "sint"})
LINKS = frozenset({"of", "de", "di", "del", "della", "van", "von", "der", "s", "la", "und", "and"})
MOST_WORDS = 4


def find_institutions(text: str) -> Iterator[Span]:
    """A house or centre with the telling words beside it; a house without any, as in ``hospital course``, stays."""
    passage = passage_of(text)
    for number, token in enumerate(passage.tokens):
        if token.text in HOUSES or (token.text in CENTRES and _named_before(passage, number)):
            start, end = _reach(passage, number, -1), _reach(passage, number, 1) if token.text in HOUSES else number
            if start < number or end > number:
                yield Span(passage.tokens[start].start, passage.tokens[end].end, "institution")


def _named_before(passage: Passage, number: int) -> bool:
    return number > 0 and _telling(passage, number - 1)


def _reach(passage: Passage, number: int, step: int) -> int:
    """The farthest token in one direction that belongs to the name: telling words, with links and centres between them."""
    farthest = at = number
    for _ in range(MOST_WORDS):
        gap = passage.tokens[at if step < 0 else at + 1].gap if 0 <= at + step < len(passage.tokens) else "|"
        at += step
        if not re.fullmatch(r"[ .'’-]{1,2}", gap):
            break
        word = passage.tokens[at].text
        if _telling(passage, at) or word in SAINTS:
            farthest = at
        elif word not in LINKS and word not in CENTRES | HOUSES:
            break
    return farthest


def _telling(passage: Passage, number: int) -> bool:
    token = passage.tokens[number]
    if not token.raw.isalpha() or len(token.raw) < 3 or token.text in CENTRES | HOUSES | LINKS:
        return False
    if token.text not in clinical() and token.text not in english():
        return token.capital
    if token.text in names() and token.text not in clinical() and not passage.cased:
        return True
    return passage.cased and token.capital and token.text not in clinical() and not passage.opens_sentence(number)
