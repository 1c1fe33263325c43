"""Takes identifiers out of text and leaves the rest readable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from deidkit.headers.raw_elements import Codecs
from deidkit.identity.dates import Dates, Written, find_dates, known_days, short_dates
from deidkit.interfaces import Tagger
from deidkit.types import Identifiers
from deidkit_ps315.text.announced import find_announced
from deidkit_ps315.text.binary import Bytewise, blanked
from deidkit_ps315.text.doubtful_words import find_doubts, find_plain
from deidkit_ps315.text.eponyms import find_eponymous
from deidkit_ps315.text.formats import find_ages, find_patterns
from deidkit_ps315.text.institutions import find_institutions
from deidkit_ps315.text.known_identifiers import UID, Known
from deidkit_ps315.text.nomenclature import find_nomenclature
from deidkit_ps315.text.numbers import find_numbers
from deidkit_ps315.text.people import find_people
from deidkit_ps315.text.products import not_of_product
from deidkit_ps315.text.tokens import MARKED, Span, passage_of

MARKS = {kind: f"[{kind.upper()}]" for kind in ("name", "id", "date", "place", "contact", "institution", "device", "uid")}
MARKS |= dict.fromkeys(("doubt", "value"), "[REMOVED]")
CLOCK = r"(?:[01]?\d|2[0-3])[:h][0-5]\d(?:[:m][0-5]\d(?:\.\d+)?)?s?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
PACKED_CLOCK = r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?!\d)"
TIME = re.compile(rf"(?:T|_|[ ,]+(?:at |um |@ ?|à )?)?{CLOCK}|[T_]?{PACKED_CLOCK}")
BIRTH = "PatientBirthDate"
BORN = re.compile(
    r"\b(?:born|birth(?: ?date|day)?|d\.?o\.?b\.?|geb(?:oren|\.)?|n[ée]{1,2}e?|nacid[oa]|nat[oa]|ur\.)"
    r"(?:\s(?:in|on|am|le|el|il|den))?[\s:,.-]{0,3}$",
    re.IGNORECASE,
)
"""Words after which a date is somebody's date of birth."""
BORN_REACH = 28
MOST_CACHED = 4096
FEWEST_DIGITS = 100_000
LONG_NUMBER = re.compile(r"(?<![\d.])\d{6,}(?!\d|\.\d)")
"""A whole number that may be the number of somebody, as the sweep sees it; fractions are measures."""

Replaced = tuple[int, int, str]


@dataclass(frozen=True)
class Style:
    """What the profile wants of cleaned text: ``days`` that dates move (None removes, 0 keeps them), and whether doubts go.

    ``key`` tells results under different site keys apart.
    """

    days: int | None
    remove_doubts: bool = True
    tagger: Tagger | None = None
    key: str = ""


NOTHING = Known()


@dataclass
class TextCleaner:
    """Cleans the texts of one object.

    Args:
        known: everything known of this patient and study.
        dates: its known dates.
        births: those of them that are the date of birth.
        style: what the profile wants.
        new_uid: gives the UID that stands for another one.
        retained: numbers of things that the profile keeps, in text as well.
        listed: values of listed attributes that must not stand elsewhere.
        harmless: bytes in which nothing was found, with their character sets, and whether as a number or as text: a date is
            a harmless number.
    """

    known: Known
    dates: Dates
    births: Dates
    style: Style
    new_uid: Callable[[str], str]
    harmless: set[tuple[bytes, Codecs, bool]] = field(default_factory=set, repr=False)
    retained: Known = field(default_factory=Known, repr=False)
    listed: Known = NOTHING

    @classmethod
    def of(
        cls,
        identifiers: Identifiers,
        known: Known,
        style: Style,
        new_uid: Callable[[str], str],
        retained: Known = NOTHING,
        listed: Known = NOTHING,
    ) -> TextCleaner:
        """``known`` is what of the identifiers the profile does not keep, ``retained`` what of its numbers stays in text."""
        dates, births = known_days(identifiers), known_days(identifiers, BIRTH)
        if len(known.harmless) > MOST_CACHED:
            known.harmless.clear()
        harmless = known.harmless.setdefault((style, dates, births, listed), set())
        return cls(known, dates, births, style, new_uid, harmless, retained, listed)

    def _known(self, text: str, fuzzy: bool = False) -> list[Span]:
        found = self.known.find(text, fuzzy)
        return found if self.listed is NOTHING else found + self.listed.find(text)

    def sweep(self, text: str) -> str:
        """``text`` without the identifiers that are known; everything else stays."""
        return self._cached(text, "known", lambda text: self._swept(text, self._known(text)))

    def sweep_product(self, text: str) -> str:
        """``text``, which says what product a machine is, without the identifiers that are no part of the product's name."""
        return self._cached(text, "product", lambda text: self._swept(text, not_of_product(text, self._known(text))))

    def is_known_number(self, text: str) -> bool:
        """Whether a number is one that is known to identify: somebody's ID in a field for numbers."""
        tables = self.known.singles, self.known.compact
        return any(match[0] in table for match in LONG_NUMBER.finditer(text) for table in tables)

    def tells_numbers(self, numbers: Iterable[int]) -> bool:
        """Whether one of these numbers is known to identify, or is a known date that does not stay, as in 19570412."""
        texts = [str(number) for number in numbers if number >= FEWEST_DIGITS]
        dates = self.births if self.style.days == 0 else self.dates
        return any(self.is_known_number(text) or any(one.means(dates) for one in find_dates(text)) for text in texts)

    def _cached(self, text: str, strength: str, work: Callable[[str], str]) -> str:
        """Texts repeat from image to image of a series, so what became of them is kept with the patient's identifiers."""
        cache, key = self.known.cleaned, (text, strength, self.style, self.dates, self.births, self.retained, self.listed)
        if key not in cache:
            if len(cache) > MOST_CACHED:
                cache.clear()
            cache[key] = work(text)
        return cache[key]

    def _swept(self, text: str, found: list[Span]) -> str:
        replaced = [(span.start, span.end, MARKS[span.kind]) for span in found]
        replaced += [self._date(one, text) for one in find_dates(text) if one.means(self.dates)]
        return apply_spans(text, replaced + self._uids(text))

    def clean(self, text: str) -> str:
        """``text`` without anything that could identify: known, of an identifying form, a person's name, or in doubt."""
        return self._cached(text, "all", self._clean)

    def clean_certain(self, text: str) -> str:
        """The same, but words in doubt stay."""
        return apply_spans(text, self.certain(text))

    def _clean(self, text: str) -> str:
        return apply_spans(text, self._identifying(text, self.style.remove_doubts))

    def certain(self, text: str) -> list[Replaced]:
        """What of ``text`` identifies for certain, known or by its form: (start, end, what stands for it)."""
        return self._identifying(text, doubts=False)

    def _identifying(self, text: str, doubts: bool) -> list[Replaced]:
        known = self._known(text, fuzzy=True)
        marked, eponymous = [match.span() for match in MARKED.finditer(text)], find_eponymous(text)
        plain = find_plain(text)
        numbers = [span for span in find_numbers(text) if not any(a <= span.start and span.end <= b for a, b in plain)]
        dates = [
            self._date(one, text)
            for one in (*find_dates(text), *short_dates(text, self.dates))
            if not _meets(one.start, one.end, known) and not _inside(one.start, one.end, numbers)
        ]
        certain = dates + self._uids(text) + find_ages(text)
        taken = [Span(start, end, "") for start, end in (*marked, *((start, end) for start, end, _ in certain))]
        spans = [*numbers, *find_patterns(text), *find_announced(text), *find_people(text), *find_institutions(text)]
        if self.style.tagger is not None:
            spans += [Span(*found) for found in self.style.tagger.tag(text)]
        if doubts:
            spans += find_doubts(passage_of(text))
        kept = eponymous + find_nomenclature(text) + [(span.start, span.end) for span in self.retained.find(text)]
        found = known + [
            rest
            for span in spans
            if not _meets(span.start, span.end, taken)
            for rest in (_outside(text, span, kept) if kept else (span,))
        ]
        return certain + [(span.start, span.end, MARKS.get(span.kind, MARKS["doubt"])) for span in found]

    def _uids(self, text: str) -> list[Replaced]:
        return [(m.start(), m.end(), self.new_uid(m[0])) for m in UID.finditer(text)]

    def _date(self, one: Written, text: str) -> Replaced:
        """The date moved, or with the time of day that follows replaced by its mark; the date of birth always goes."""
        born = one.recalls(self.births) or BORN.search(text[max(0, one.start - BORN_REACH) : one.start]) is not None
        if self.style.days == 0 and not born:
            return one.start, one.end, text[one.start : one.end]
        moved = one.shifted(self.style.days, self.dates) if self.style.days and not born else None
        if moved is not None:
            return one.start, one.end, moved
        time = TIME.match(text, one.end)
        return one.start, time.end() if time else one.end, MARKS["date"]

    def sweep_bytes(self, value: bytes, declared: Codecs, *, numbers: bool = False) -> bytes:
        """``value`` with known identifiers overwritten by blanks and UIDs replaced; see ``blanked``."""
        by = Bytewise(self.known, self._known, self.dates, declared, self.new_uid, self.certain, self.clean_certain)
        return blanked(value, by, numbers=numbers)


def _meets(start: int, end: int, spans: list[Span]) -> bool:
    return any(span.start < end and start < span.end for span in spans)


def _outside(text: str, span: Span, kept: list[tuple[int, int]]) -> Iterator[Span]:
    """What of ``span`` is not kept: a name may stand right before a disease."""
    start = span.start
    for first, last in sorted(kept):
        if last <= start or span.end <= first:
            continue
        if text[start:first].strip(" -,."):
            yield Span(start, first - (len(text[start:first]) - len(text[start:first].rstrip())), span.kind)
        start = max(start, last)
    if text[start : span.end].strip(" -,."):
        yield Span(start, span.end, span.kind)


def _inside(start: int, end: int, spans: list[Span]) -> bool:
    """Whether a date is only part of a longer number, as in the civic numbers of Sweden."""
    return any(span.start <= start and end <= span.end and (start, end) != (span.start, span.end) for span in spans)


def apply_spans(text: str, replaced: list[Replaced]) -> str:
    """``text`` with parts replaced; of those that overlap the first, and of these the longest, takes in the others.

    Equal marks that meet become one.
    """
    out: list[str] = []
    done = 0
    for start, end, new in sorted(replaced, key=lambda one: (one[0], -one[1])):
        if start < done:
            done = max(done, end)
            continue
        between = text[done:start]
        if out and out[-1] == new and new in MARKS.values() and not between.strip(" ,.-^'"):
            done = end
            continue
        out += [between, new]
        done = end
    return "".join((*out, text[done:]))


def shorten(text: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters: the marks of removed parts go first, then the end."""
    if len(text) <= limit:
        return text
    return " ".join(MARKED.sub(" ", text).split())[:limit]
