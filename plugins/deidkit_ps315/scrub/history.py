"""What the input says about an earlier de-identification, kept as its claim.

Each becomes an item of Contributing Equipment Sequence (PS3.3 C.12.1) of the purpose (109104, DCM, "De-identifying Equipment");
the attributes of PS3.15 E.1.1 that say the same tell of deidkit alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, Codecs, encodings_of, text_of
from deidkit.types import HeaderChange
from deidkit_ps315.scrub.job import spell
from deidkit_ps315.scrub.method_codes import CODES, METHOD, METHOD_CODES, REMOVED
from deidkit_ps315.standard.values import LONGEST, put

EQUIPMENT, PURPOSE, DESCRIPTION, MANUFACTURER = 0x0018A001, 0x0040A170, 0x0018A003, 0x00080070
CODE_VALUE, SCHEME, MEANING = 0x00080100, 0x00080102, 0x00080104
PURPOSE_CODE = ("109104", "DCM", "De-identifying Equipment")
CLAIM = "Claim of the input: "
FORM = re.compile(
    rf"{CLAIM}(?:Patient Identity Removed (YES|NO))?(?:\. )?(?:method (.*?))?(?:\. )?(?:codes (\d{{6}}(?:, \d{{6}})*))?",
    re.DOTALL,
)
KNOWN_CODES = frozenset(value for value, _ in CODES.values())
SOURCE = "history"

Clean = Callable[[str], str]


def keep(before: Dataset, after: Dataset, clean: Clean) -> list[HeaderChange]:
    """Adds the claims of ``before`` to ``after``, in place: earlier ones, then that of its own attributes.

    Args:
        clean: takes out of a text what could identify.
    """
    claims = [*_earlier(before, clean), *_own(before, clean)]
    if not claims:
        return []
    others = [item for item in _items(after, EQUIPMENT) if not _is_claim(item)]
    put(after, EQUIPMENT, "SQ", [*others, *(_item(claim) for claim in claims)])
    return [HeaderChange(spell(EQUIPMENT), "C", SOURCE)]


def _earlier(before: Dataset, clean: Clean) -> Iterator[str]:
    """What items of the purpose say already; none is marked as a claim twice."""
    codecs = encodings_of(before)
    for item in filter(_is_claim, _items(before, EQUIPMENT)):
        text = _text(item, DESCRIPTION, encodings_of(item, codecs))
        if match := FORM.fullmatch(text):
            yield _claim(match[1] or "", (match[2] or "").split("; "), (match[3] or "").split(", "), clean)
        else:
            yield _claim("", [text], [], clean)


def _own(before: Dataset, clean: Clean) -> Iterator[str]:
    methods = _text(before, METHOD, encodings_of(before)).split("\\")
    codes = [_text(item, CODE_VALUE, UNDECLARED) for item in _items(before, METHOD_CODES)]
    removed = _text(before, REMOVED, UNDECLARED)
    if removed or any(methods) or codes:
        yield _claim(removed, methods, codes, clean)


def _claim(removed: str, methods: list[str], codes: list[str], clean: Clean) -> str:
    """One claim in the words of ``FORM``, without what nobody can vouch for."""
    parts = [f"Patient Identity Removed {removed}"] if removed in {"YES", "NO"} else []
    parts += [f"method {'; '.join(map(clean, filter(None, methods)))}"] if any(methods) else []
    parts += [f"codes {', '.join(known)}"] if (known := [code for code in codes if code in KNOWN_CODES]) else []
    return CLAIM + ". ".join(parts)


def _item(claim: str) -> Dataset:
    item, code = Dataset(), Dataset()
    for tag, vr, value in zip((CODE_VALUE, SCHEME, MEANING), ("SH", "SH", "LO"), PURPOSE_CODE, strict=True):
        put(code, tag, vr, value)
    put(item, MANUFACTURER, "LO", "UNKNOWN")
    put(item, DESCRIPTION, "ST", claim[: LONGEST["ST"]])
    put(item, PURPOSE, "SQ", [code])
    return item


def _is_claim(item: Dataset) -> bool:
    return any(_text(code, CODE_VALUE, UNDECLARED) == PURPOSE_CODE[0] for code in _items(item, PURPOSE))


def _items(dataset: Dataset, tag: int) -> list[Dataset]:
    return list(dataset[tag].value or ()) if tag in dataset else []


def _text(dataset: Dataset, tag: int, codecs: Codecs) -> str:
    element = dataset.get_item(tag)
    return text_of(element, codecs) if element is not None else ""
