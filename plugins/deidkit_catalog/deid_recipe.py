"""Reads the filters of a pydicom/deid recipe: LABEL, conditions, and coordinates to cover."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deidkit.errors import UsageError
from deidkit_catalog.ctp import Rule
from deidkit_catalog.model import Condition

_TEST = re.compile(
    r"(?P<test>contains|notcontains|equals|notequals|missing|empty|present)\s+(?P<field>\w+)\s*(?P<value>.*)", re.IGNORECASE
)
_FOUR = re.compile(r"-?\d+(?:\s*,\s*-?\d+){3}")


@dataclass(slots=True)
class _Label:
    name: str
    line: int
    conditions: list[tuple[str, Condition]] = field(default_factory=list)
    boxes: list[list[int]] = field(default_factory=list)
    trouble: str = ""


def parse_recipe(text: str) -> tuple[list[Rule], list[str]]:
    """The rules of the recipe's filters that cover boxes, and one line for each that cannot be taken over.

    Lines that begin with ``+`` or with nothing are joined by and, lines that begin with ``||`` by or, from top to bottom;
    inside a line ``||`` separates alternatives. Filters named whitelist let images pass, so they are left out.
    """
    labels: list[_Label] = []
    section = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("%"):
            section = line.lower()
        elif not section.startswith("%filter") or "whitelist" in section or not line:
            continue
        elif line.upper().startswith("LABEL"):
            labels.append(_Label(line[5:].strip() or f"line {number}", number))
        elif labels:
            _take(labels[-1], line)
    rules = [Rule(label.name, _joined(label.conditions), label.boxes) for label in labels if _useful(label)]
    skipped = [f"line {label.line}: {label.trouble}" for label in labels if label.trouble]
    return rules, skipped


def _useful(label: _Label) -> bool:
    return bool(label.boxes and label.conditions and not label.trouble)


def _take(label: _Label, line: str) -> None:
    lowered = line.lower()
    if lowered.startswith(("coordinates", "ctpcoordinates", "keepcoordinates", "ctpkeepcoordinates")):
        numbers = _FOUR.search(line)
        if numbers is None or "keep" in lowered.split(" ")[0]:
            label.trouble = "coordinates that are not four numbers, or that are to be kept, are not taken over"
            return
        a, b, c, d = (int(part) for part in numbers[0].split(","))
        label.boxes.append([a, b, a + c, b + d] if lowered.startswith("ctp") else [a, b, c, d])
        return
    joint = "any" if line.startswith("||") else "all"
    try:
        alternatives = [_condition(part.strip()) for part in line.lstrip("+| ").split("||")]
    except UsageError as error:
        label.trouble = str(error)
        return
    label.conditions.append((joint, alternatives[0] if len(alternatives) == 1 else Condition(any=alternatives)))


def _condition(text: str) -> Condition:
    match = _TEST.fullmatch(text)
    if match is None:
        raise UsageError("a condition is not understood")
    test, attribute, value = match["test"].lower(), match["field"], match["value"].strip()
    if test in ("missing", "empty", "present"):
        return Condition(attribute=attribute, present=test == "present")
    values = [part.strip() for part in value.split("|") if part.strip()]
    if not values or re.search(r"[\[\](){}^$*?\\]", value):
        raise UsageError("a condition uses a regular expression")
    if test.endswith("contains"):
        positive = Condition(attribute=attribute, contains=values)
    else:
        positive = Condition(attribute=attribute, equals=values)
    return Condition(none=[positive]) if test.startswith("not") else positive


def _joined(conditions: list[tuple[str, Condition]]) -> Condition:
    joined = conditions[0][1]
    for joint, condition in conditions[1:]:
        both = Condition(all=[*(joined.all or [joined]), condition])
        joined = Condition(any=[joined, condition]) if joint == "any" else both
    return joined
