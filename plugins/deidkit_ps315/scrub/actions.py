"""The action codes of Table E.1-1, applied to one element that is no sequence."""

from __future__ import annotations

import re
from collections.abc import Callable

from pydicom.dataelem import RawDataElement

from deidkit.headers.raw_elements import TEXT_VRS, decode, encode, text_of, vr_of
from deidkit.identity.dates import find_dates
from deidkit.identity.names import is_standard_uid
from deidkit_ps315.scrub import codes, documents
from deidkit_ps315.scrub.job import Element, Job, Place
from deidkit_ps315.scrub.plan import EXCEPTION
from deidkit_ps315.standard import colour_profiles
from deidkit_ps315.standard.iod import settle
from deidkit_ps315.standard.values import BY_TAG, DUMMIES, LONGEST, dummy, empty, put, put_bytes, put_text
from deidkit_ps315.text.cleaner import shorten
from deidkit_ps315.text.date_shift import cap_age, shift_date, shift_datetime
from deidkit_ps315.text.products import is_product

PATIENT_ID, PATIENT_NAME = 0x00100020, 0x00100010
COLOR_SPACE = 0x00282002
CLASS_LIKE = re.compile(r"1\.2\.840\.10008\.[\d.]{1,40}|1\.\d+\.\d+[\d.]{1,55}")
NUMERIC = re.compile(r"[-+.\deE\\ ]*")
FREE_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
DATE_FORM = r"\d{4}(\.?\d{2}(\.?\d{2})?)?"
FORMS_BY_VR = {
    "DA": re.compile(rf"({DATE_FORM})?(-({DATE_FORM})?)?"),
    "DT": re.compile(r"(\d{4,14}(\.\d{1,6})?([+-]\d{4})?)?"),
    "TM": re.compile(r"(\d{2}(:?\d{2}){0,2}(\.\d{1,6})?)?"),
}
FORMS = {0x00080201: re.compile(r"([+-]\d{4})?"), 0x00100040: re.compile(r"[MFO]?")}
BYTES = frozenset({"OB", "OW", "UN"})
NUMBER_STRINGS = frozenset({"DS", "IS"})
MOST_HARMLESS = 10_000
READABLE = re.compile(rb"[\t\n\f\r\x1b -~\x80-\xff]+[\0 ]*")
LONGEST_TEXT = 1 << 16
"""Bytes up to which a value that is all text is cleaned word by word."""
TRACKING_ID = 0x00620020
MAPPED = frozenset({TRACKING_ID})
VERSIONS = frozenset({0x00080106, 0x00080107})
"""Context Group Version and Context Group Local Version."""
CODE_VALUES = frozenset({0x00080100, 0x00080119, 0x00080120})
CODE_METADATA = "version of a code"
PRODUCT_NAME = "name of a product"
SINGLE = frozenset({"LT", "ST", "UR", "UT"})


class Actions:
    """Applies codes to elements and records each change."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._by_code: dict[str, Callable[[Place, Element, str], bool]] = {
            "X": self._remove,
            "Z": self._zero,
            "D": self._dummy,
            "U": self._uid,
            "C": self._clean,
        }

    def apply(self, code: str, place: Place, element: Element, source: str) -> None:
        """Carries out one code and notes it when anything changed, or was kept on purpose."""
        if int(element.tag) in VERSIONS and self._is_version(place, element):
            code, source = "K", CODE_METADATA
        if code == "K":
            self._keep(place, element, vr_of(element), source)
        elif self._by_code[code](place, element, vr_of(element)):
            self._job.note(place.path, int(element.tag), code, source)
        elif code == "C" and "retain_" in source:
            self._job.note(place.path, int(element.tag), "K", source)
        elif code == "C" and source == EXCEPTION and not is_empty(element):
            self._job.note(place.path, int(element.tag), "C", source)

    def _is_version(self, place: Place, element: Element) -> bool:
        """Whether a date only says from which version of a context group a code is; a date of birth never does."""
        text = text_of(element, place.codecs)
        return CODE_VALUES & place.dataset.keys() != set() and not any(
            one.recalls(self._job.text.births) for one in find_dates(text)
        )

    def _remove(self, place: Place, element: Element, _vr: str) -> bool:
        del place.dataset[element.tag]
        return True

    def _zero(self, place: Place, element: Element, vr: str) -> bool:
        if int(element.tag) in {PATIENT_ID, PATIENT_NAME}:
            return self._pseudonym(place, element)
        return empty(place.dataset, element, vr)

    def _pseudonym(self, place: Place, element: Element) -> bool:
        """The name stands for the patient of the object, an ID for the patient that it names."""
        tag, options = int(element.tag), self._job.plan.options
        if tag == PATIENT_NAME:
            put(place.dataset, tag, "PN", self._job.pseudonym(self._job.patient, options.patient_name))
        else:
            own = text_of(element, place.codecs) or self._job.patient
            put(place.dataset, tag, "LO", self._job.pseudonym(own, options.patient_id))
        return True

    def _dummy(self, place: Place, element: Element, vr: str) -> bool:
        tag = int(element.tag)
        if tag in {PATIENT_ID, PATIENT_NAME}:
            return self._pseudonym(place, element)
        if is_empty(element):
            return False
        if tag == documents.DOCUMENT:
            documents.replace(place.dataset)
            return True
        old = text_of(element, place.codecs) if vr in TEXT_VRS else ""
        put(place.dataset, tag, vr, dummy(tag, vr, old, self._job.keys))
        return True

    def _uid(self, place: Place, element: Element, _vr: str) -> bool:
        return self._map(place, element, self._job.uid.replaced)

    def _map(self, place: Place, element: Element, stand_in: Callable[[str], str]) -> bool:
        old = [part.strip(" \0") for part in text_of(element, place.codecs).split("\\")]
        new = [stand_in(part) for part in old]
        if new == old:
            return False
        put_text(place.dataset, element, "UI", "\\".join(new), place.codecs)
        return True

    def _clean(self, place: Place, element: Element, vr: str) -> bool:
        if vr in {"DA", "DT", "TM"}:
            return self._shift(place, element, vr)
        if vr in TEXT_VRS:
            return self._store(place, element, vr, self._mapped if int(element.tag) in MAPPED else self._job.text.clean)
        return self._swept(place, element)

    def _mapped(self, value: str) -> str:
        """``value`` where cleaning finds nothing in it, else what stands for it: two things must not end with one mark."""
        return value if self._job.text.clean(value) == value else str(dummy(TRACKING_ID, "UT", value, self._job.keys))

    def _shift(self, place: Place, element: Element, vr: str) -> bool:
        """Times of day stay, because whole days are moved; what is no date gets what it would get if dates were removed."""
        if vr == "TM" and not is_empty(element):
            self._store(place, element, vr, _formed(FORMS_BY_VR[vr]))
        if vr == "TM" or is_empty(element):
            return not is_empty(element)
        mover = shift_date if vr == "DA" else shift_datetime
        old = [part.strip(" \0") for part in text_of(element, place.codecs).split("\\")]
        new = [mover(part, self._job.days) if part else "" for part in old]
        required = settle("X/Z/D", place.level.type_of(int(element.tag))) == "D"
        substitute = str(DUMMIES[vr]) if required else ""
        put_text(place.dataset, element, vr, "\\".join(substitute if part is None else part for part in new), place.codecs)
        return True

    def _keep(self, place: Place, element: Element, vr: str, source: str) -> None:
        """Kept values still have to be what they claim to be, and free of who the patient is, unless the profile names them."""
        if is_empty(element):
            return
        changed = False
        if source == EXCEPTION:
            pass
        elif vr == "UI":
            changed = self._map(place, element, self._job.uid.kept)
        elif vr in BYTES:
            changed = self._swept(place, element)
        elif vr in FREE_TEXT or vr in {"AE", "CS", "UR"}:
            form = FORMS.get(int(element.tag))
            changed = self._store(place, element, vr, self._job.text.sweep if form is None else _formed(form))
        elif vr == "AS":
            changed = self._store(place, element, vr, self._age)
        elif vr in NUMBER_STRINGS:
            changed = self._store(place, element, vr, self._number)
        elif vr in FORMS_BY_VR:
            changed = self._store(place, element, vr, _formed(FORMS_BY_VR[vr]))
        self._job.note(place.path, int(element.tag), "C" if changed else "K", source)

    def sweep_text(self, place: Place, element: Element, source: str) -> None:
        """Takes known identifiers out of a text that no table names; bytes that were harmless once are not looked at again."""
        value, vr = element.value, vr_of(element)
        seen = (value, place.codecs, vr in NUMBER_STRINGS) if isinstance(value, bytes) else None
        if seen in self._job.text.harmless:
            return
        if is_product(int(element.tag)):
            self._sweep_product(place, element, vr, source)
            return
        clean = self._job.text.sweep if vr not in NUMBER_STRINGS else self._number
        if self._store(place, element, vr, clean):
            self._job.note(place.path, int(element.tag), "C", source)
        elif seen is not None and len(self._job.text.harmless) < MOST_HARMLESS:
            self._job.text.harmless.add(seen)

    def clean_meaning(self, place: Place, element: Element, source: str) -> None:
        """Takes people out of the meaning of a code, and with them the value of a code that stands for one."""
        before = text_of(element, place.codecs)
        if not self._store(place, element, vr_of(element), lambda text: codes.cleaned_meaning(self._job, place, text)):
            return
        self._job.note(place.path, int(element.tag), "C", source)
        after = text_of(place.dataset.get_item(element.tag), place.codecs)
        if codes.names_person(after) and not codes.names_person(before):
            codes.take_out_value(place)

    def clean_safe(self, place: Place, element: Element, source: str) -> None:
        """Cleans the text of a private attribute that PS3.15 Table E.3.10-1 calls safe: words in doubt are values there."""
        if self._store(place, element, vr_of(element), self._job.text.clean_certain):
            self._job.note(place.path, int(element.tag), "C", source)

    def clean_readable(self, place: Place, element: Element, source: str) -> None:
        """Cleans bytes that are a text and nothing else, such as text of an unknown VR; known identifiers go out of others."""
        value = element.value
        if not isinstance(value, bytes) or not READABLE.fullmatch(value) or len(value) > LONGEST_TEXT:
            self.sweep_binary(place, element, source)
            return
        text, codecs = decode(value.rstrip(b"\0 "), place.codecs)
        cleaned = "\\".join(self._job.text.clean(part) for part in text.split("\\"))
        if cleaned != text:
            put_bytes(place.dataset, element, encode(cleaned, codecs))
            self._job.note(place.path, int(element.tag), "C", source)

    def _sweep_product(self, place: Place, element: Element, vr: str, source: str) -> None:
        """A product may be called like the patient or the station; then the value is noted as kept on purpose."""
        text = text_of(element, place.codecs)
        changed = self._store(place, element, vr, self._job.text.sweep_product)
        if self._job.text.sweep(text) != self._job.text.sweep_product(text):
            self._job.note(place.path, int(element.tag), "K", PRODUCT_NAME)
        elif changed:
            self._job.note(place.path, int(element.tag), "C", source)

    def _age(self, value: str) -> str:
        return cap_age(value, self._job.plan.oldest)

    def _number(self, value: str) -> str:
        return value if NUMERIC.fullmatch(value) and not self._job.text.is_known_number(value) else ""

    def _store(self, place: Place, element: Element, vr: str, clean: Callable[[str], str]) -> bool:
        """Cleans value by value; where a VR has no room for words such as [NAME] a value is kept or goes whole."""
        text = text_of(element, place.codecs)
        if not text:
            return False
        old = [text] if vr in SINGLE else text.split("\\")
        new = [clean(value) for value in old]
        if new == old:
            return False
        required = place.level.type_of(int(element.tag)) in {"1", "1C"}
        if vr in FREE_TEXT or vr == "AS":
            new = [shorten(value, LONGEST.get(vr, len(value))) for value in new]
        else:
            substitute = str(DUMMIES.get(vr, "")) if required or len(old) > 1 else ""
            new = [value if value == was else substitute for value, was in zip(new, old, strict=True)]
        if required and not any(new):
            new = [str(BY_TAG.get(int(element.tag), DUMMIES.get(vr, "")))]
        raw = element.value if isinstance(element, RawDataElement) else None
        codecs = decode(raw, place.codecs)[1] if raw else place.codecs
        put_text(place.dataset, element, vr, "\\".join(new), codecs)
        return True

    def sweep_binary(self, place: Place, element: Element, source: str, *, numbers: bool = False) -> None:
        """Overwrites known identifiers inside bytes that nobody can interpret, or that should be ``numbers``."""
        if self._swept(place, element, numbers=numbers):
            self._job.note(place.path, int(element.tag), "C", source)

    def _swept(self, place: Place, element: Element, *, numbers: bool = False) -> bool:
        value = element.value
        if not isinstance(value, bytes) or not value:
            return False
        swept = self._job.text.sweep_bytes(value, place.codecs, numbers=numbers)
        if swept == value:
            return False
        put_bytes(place.dataset, element, swept)
        return True

    def replace_profile(self, place: Place, element: Element, source: str) -> None:
        """Puts a profile of numbers alone in the place of an ICC profile: of the same colours where one is known to mean them,
        else of the colour space that Color Space names where the object needs one; otherwise it goes.
        """
        value, tag = element.value, int(element.tag)
        if not isinstance(value, bytes) or not value or colour_profiles.is_plain(value):
            return
        name, same = colour_profiles.meaning(value)
        if not same and place.level.type_of(tag) not in {"1", "1C"}:
            del place.dataset[element.tag]
            self._job.note(place.path, tag, "X", source)
            return
        if not same and name != colour_profiles.GREY:
            said = place.dataset.get_item(COLOR_SPACE)
            named = text_of(said, place.codecs) if said is not None else ""
            name = named if named in colour_profiles.COLORANTS else name
        put(place.dataset, tag, "OB", colour_profiles.profile(name))
        self._job.note(place.path, tag, "C" if same else "D", source)

    @staticmethod
    def is_class_like(value: str) -> bool:
        """Whether every value is registered, or at least of the shape of a UID."""
        parts = [part.strip() for part in value.split("\\")]
        return all(is_standard_uid(part) or CLASS_LIKE.fullmatch(part) is not None for part in parts if part)


def _formed(form: re.Pattern[str]) -> Callable[[str], str]:
    return lambda value: value if form.fullmatch(value.strip()) else ""


def is_empty(element: Element) -> bool:
    return not element.value and not isinstance(element.value, int | float)
