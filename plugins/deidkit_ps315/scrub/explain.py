"""What a plan does to one attribute, and which rows, options and exceptions it goes by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydicom import Dataset
from pydicom.tag import Tag

from deidkit.headers.raw_elements import UNDECLARED, elements_of, text_of, vr_of
from deidkit.types import HeaderChange
from deidkit_ps315.scrub.actions import PATIENT_ID, PATIENT_NAME
from deidkit_ps315.scrub.job import spell
from deidkit_ps315.scrub.plan import EXCEPTION, PRIVATE_BLOCK, Decision, Plan
from deidkit_ps315.scrub.private import FIRST_BLOCK, known_vr
from deidkit_ps315.scrub.walk import ELSEWHERE
from deidkit_ps315.standard.addresses import TAG, Address, keyword_of, parse_address, standard_vr
from deidkit_ps315.standard.iod import UNKNOWN, Level
from deidkit_ps315.standard.table import Row, beyond, rows, safe_private

Told = tuple[str, str]
ACTIONS = {
    "X": "removed",
    "Z": "emptied",
    "D": "replaced by a dummy",
    "U": "replaced by a keyed UID",
    "C": "cleaned",
    "K": "kept",
    "S": "its items scrubbed",
}
BY_FORM = "no row: handled by its VR and searched for known identifiers"
STAYED = "unchanged"
PLACE, PLACE_LENGTH = re.compile(r"\([0-9A-F]{4},[0-9A-F]{4}\)"), len("(0008,1140)")


def address_of(text: str, header: Dataset) -> Address:
    """What ``text`` names, as in the option ``attributes``; a private tag without its creator is looked up in ``header``.

    Raises:
        ValueError: no attribute, or a private one that neither names its creator nor is in the object.
    """
    match = TAG.fullmatch(text.strip())
    if match and int(match[1], 16) % 2 and not match[3] and "x" not in match[2].lower():
        group, element = int(match[1], 16), int(match[2], 16)
        creator = _creator(header, group, element >> 8)
        if creator:
            return Address(group << 16 | element & 0xFF, creator)
    return parse_address(text)


def _creator(dataset: Dataset, group: int, block: int) -> str:
    element = dataset.get_item(Tag(group, block)) if block >= FIRST_BLOCK else None
    return text_of(element, UNDECLARED) if element is not None else ""


def explain(
    plan: Plan, address: Address, level: Level, before: Dataset, after: Dataset, changes: Sequence[HeaderChange]
) -> list[Told]:
    """From the general to what happened in one object. No value is told, and no creator that the question did not name.

    Args:
        level: what the SOP class of the object asks of its attributes.
        before, after: the object and its scrubbed copy, with the ``changes`` that made it.
    """
    private = bool(address.tag & 0x10000)
    rules = _private(plan, address) if private else _standard(plan, address.tag, level)
    return [*rules, *(("in this file", what) for what in _here(address, before, after, changes))]


def _standard(plan: Plan, tag: int, level: Level) -> Iterator[Told]:
    name = keyword_of(tag)
    yield "attribute", f"{spell(tag)} {name or 'unknown'}{', ' + vr if (vr := standard_vr(tag)) else ''}"
    row = next((row for row in (*rows(), *beyond()) if tag in row.tags()), None)
    yield "row", f"{row.source}: {_codes(row)}" if row else "none"
    if row:
        yield from _options(row, plan)
    yield "exception", _exception(plan.standard.get(tag))
    yield "decision", _decision(plan.standard.get(tag) or Decision("", ELSEWHERE))
    if tag in {PATIENT_ID, PATIENT_NAME}:
        yield "Z and D", "insert the pseudonym of the patient"
    kind = level.type_of(tag)
    yield "type", "unknown: the SOP class is in no table" if kind == UNKNOWN else f"{kind} at the top level of the SOP class"


def _codes(row: Row) -> str:
    return "; ".join([f"basic profile {row.basic}", *(f"{name} {code}" for name, code in row.options.items())])


def _options(row: Row, plan: Plan) -> Iterator[Told]:
    chosen = [f"{name} {code}" for name, code in row.options.items() if name in plan.chosen]
    yield "options in force", "; ".join(chosen) or "none for this row"


def _exception(decision: Decision | None) -> str:
    if decision is None or decision.source != EXCEPTION:
        return "none"
    return f"{decision.action}, in attributes of the profile"


def _decision(decision: Decision) -> str:
    if not decision.action:
        return BY_FORM
    codes = decision.action.rstrip("*").split("/")
    return f"{decision.action} ({' or '.join(ACTIONS.get(code, code) for code in codes)}), from {decision.source}"


def _private(plan: Plan, address: Address) -> Iterator[Told]:
    group, low = address.tag >> 16, address.tag & 0xFFFF
    whole = low == PRIVATE_BLOCK
    place = f"{group:04X},xxxx" if whole else f"{group:04X},xx{low & 0xFF:02X}"
    yield (
        "attribute",
        f"({place}) {address.creator}" + ("" if whole else f", {known_vr(group << 16 | low & 0xFF, address.creator)}"),
    )
    listed = not whole and (group, low & 0xFF, address.creator) in safe_private()
    yield "row", "E.1-1: private attributes X; retain_safe_private C for those of E.3.10-1"
    yield "options in force", "retain_safe_private C" if "retain_safe_private" in plan.chosen else "none for this row"
    yield "private block", "listed in E.3.10-1" if listed else "not listed in E.3.10-1"
    decision = plan.private_decision(address.tag if whole else group << 16 | low & 0xFF, address.creator)
    yield "exception", _exception(decision)
    yield "decision", _decision(decision)


def _here(address: Address, before: Dataset, after: Dataset, changes: Sequence[HeaderChange]) -> Iterator[str]:
    """What happened in the object at hand, each once with how often."""
    own = [change for change in changes if _is_meant(address, change, before, after)]
    final = {change.path: change for change in own}.values()
    found = Counter((change.action, change.source) for change in final)
    for (action, source), times in sorted(found.items()):
        yield f"{ACTIONS.get(action, action)} ({action}) in {times} {'place' if times == 1 else 'places'}, by {source}"
    if not found:
        yield STAYED if _is_there(address, before) else "not there"


def _is_meant(address: Address, change: HeaderChange, before: Dataset, after: Dataset) -> bool:
    prefix, place = change.path[:-PLACE_LENGTH], change.path[-PLACE_LENGTH:]
    if not PLACE.fullmatch(place):
        return False
    holder = _holder(before if change.action == "X" else after, prefix)
    return holder is not None and _names(address, holder, int(place[1:5] + place[6:10], 16))


def _names(address: Address, holder: Dataset, tag: int) -> bool:
    """Whether ``address`` means the element ``tag`` of the data set ``holder``."""
    if not address.creator:
        return tag == address.tag
    group, low = tag >> 16, tag & 0xFF
    fits = group == address.tag >> 16 and address.tag & 0xFFFF in {PRIVATE_BLOCK, low}
    return fits and _creator(holder, group, (tag & 0xFF00) >> 8) == address.creator


def _holder(header: Dataset, prefix: str) -> Dataset | None:
    """The item that a path such as ``(0040,A730)[2].`` leads to."""
    place = header
    try:
        for step in prefix.split(".")[:-1]:
            place = place[int(step[1:5] + step[6:10], 16)].value[int(step[12:-1])]
    except (KeyError, IndexError, ValueError):
        return None
    return place


def _is_there(address: Address, dataset: Dataset) -> bool:
    return any(
        _names(address, dataset, int(element.tag))
        or (vr_of(element) == "SQ" and any(_is_there(address, item) for item in dataset[element.tag].value or ()))
        for element in elements_of(dataset)
    )
