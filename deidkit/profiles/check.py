"""Checks one profile file by itself: its keys, its values, and each option against the model of the component it is for.

Every problem is collected and says where it is, what is wrong, what was probably meant and what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deidkit.profiles.component_options import check_use, offer
from deidkit.profiles.model import Layer, Match, Use
from deidkit.profiles.schema import HOLD_BACK, KEYS, LABELS, LIMITS, PIXELS, SINGLE, STAGES, VERSION
from deidkit.registry import Registry
from deidkit.yaml_source import Document, Mark, Route, short

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_WORD = re.compile(r"[a-z0-9_-]{1,32}")
RESERVED = ("quarantine", "site")
CHOICES = {"pixels": PIXELS, "hold_back": HOLD_BACK}
"""Keys with a word out of few as their value."""


@dataclass(slots=True)
class Problems:
    """Collects what is wrong in one document."""

    document: Document
    found: list[tuple[Mark, str]] = field(default_factory=list)

    def value(self, route: Route, message: str) -> None:
        self.found.append((self.document.mark(route), message))

    def key(self, route: Route, message: str) -> None:
        self.found.append((self.document.key_mark(route), message))

    def lines(self) -> list[str]:
        return [mark.says(message) for mark, message in sorted(set(self.found))]


@dataclass(slots=True)
class Draft:
    """One profile as its own file has it, before its parent is merged in. ``values`` holds the keys that are good."""

    name: str
    path: Path
    layer: Layer
    document: Document
    problems: Problems
    values: dict[str, Any]

    @property
    def extends(self) -> str | None:
        return self.values.get("extends")

    @property
    def replaces(self) -> str | None:
        return self.values.get("replaces")

    @property
    def match(self) -> Match | None:
        return self.values.get("match")

    @property
    def broken(self) -> bool:
        return bool(self.problems.found)


def check_name(value: Any, route: Route, problems: Problems) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        if value not in RESERVED:
            return value
        problems.value(route, f"{value!r} is reserved and cannot name a profile")
        return None
    problems.value(route, f"{short(value)} is no name of a profile: lower-case letters, digits, - and _, at most 32")
    return None


def check_labels(value: Any, route: Route, problems: Problems) -> Match | None:
    """A mapping from labels to one value or a list of them."""
    if not isinstance(value, dict) or not value:
        problems.value(route, f"{route[-1]} must name at least one label: {', '.join(LABELS)}")
        return None
    match: dict[str, frozenset[str]] = {}
    for name, wanted in value.items():
        if name not in LABELS:
            problems.key((*route, name), f"there is no label {short(name)}{offer(name, LABELS, 'the labels are')}")
            continue
        words = wanted if isinstance(wanted, list) else [wanted]
        if not words:
            problems.value((*route, name), f"the list of {name} is empty")
        for index, word in enumerate(words):
            place = (*route, name, index) if isinstance(wanted, list) else (*route, name)
            _check_word(name, word, place, problems)
        match[name] = frozenset(word for word in words if isinstance(word, str))
    return match


def _check_word(label: str, word: Any, place: Route, problems: Problems) -> None:
    vocabulary = LABELS[label]
    if vocabulary is None:
        if not isinstance(word, str) or not _WORD.fullmatch(word):
            problems.value(place, f"{short(word)} is no value of {label}: lower-case letters, digits, - and _")
    elif word not in vocabulary:
        problems.value(place, f"{label} is never {short(word)}{offer(word, vocabulary, 'it is one of')}")


def _check_version(value: Any, route: Route, problems: Problems) -> int | None:
    if value is True or value != VERSION:
        problems.value(route, f"schema_version {short(value)} is unknown here; this version reads {VERSION}")
        return None
    return VERSION


def _check_text(value: Any, route: Route, problems: Problems) -> str | None:
    if isinstance(value, str) and "\n" not in value.strip():
        return value.strip()
    problems.value(route, f"{route[-1]} must be one line of text")
    return None


def _check_choice(value: Any, route: Route, problems: Problems) -> str | None:
    good = CHOICES[str(route[-1])]
    if value in good:
        return str(value)
    problems.value(route, f"{route[-1]} is never {short(value)}{offer(value, good, 'it is one of')}")
    return None


def _check_limits(value: Any, route: Route, problems: Problems) -> dict[str, float] | None:
    if not isinstance(value, dict):
        problems.value(route, f"limits must be a mapping of: {', '.join(LIMITS)}")
        return None
    for name, number in value.items():
        if name not in LIMITS:
            problems.key((*route, name), f"there is no limit {short(name)}{offer(name, LIMITS, 'the limits are')}")
            continue
        allowed = (int,) if LIMITS[name] is int else (int, float)
        if isinstance(number, bool) or not isinstance(number, allowed) or number <= 0:
            what = "whole number" if LIMITS[name] is int else "number"
            problems.value((*route, name), f"limit {name} must be a {what} above 0, not {short(number)}")
    return dict(value)


_CHECKS: dict[str, Callable[[Any, Route, Problems], Any]] = {
    "profile": check_name,
    "schema_version": _check_version,
    "extends": check_name,
    "replaces": check_name,
    "summary": _check_text,
    "match": check_labels,
    "refuse": check_labels,
    "pixels": _check_choice,
    "hold_back": _check_choice,
    "limits": _check_limits,
}


def _check_stage(stage: str, value: Any, problems: Problems, registry: Registry) -> tuple[Use, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.value((stage,), f"the stage {stage} is empty")
    if stage in SINGLE and len(items) > 1:
        problems.value((stage, 1), f"the stage {stage} takes one component, not {len(items)}")
    uses = []
    for index, item in enumerate(items):
        route: Route = (stage, index) if isinstance(value, list) else (stage,)
        uses.append(check_use(STAGES[stage], item, route, problems, registry))
    return tuple(use for use in uses if use is not None)


def check(document: Document, path: Path, layer: Layer, registry: Registry) -> Draft:
    """The draft of one file; whatever is wrong is in its ``problems``."""
    problems = Problems(document)
    draft = Draft(path.stem, path, layer, document, problems, {})
    if not isinstance(document.data, dict):
        problems.value((), f"a profile is a mapping of: {', '.join(KEYS)}")
        return draft
    for key in ("profile", "schema_version"):
        if key not in document.data:
            problems.value((), f"the key {key!r} is missing")
    for key, value in document.data.items():
        if key in STAGES:
            draft.values[key] = _check_stage(key, value, problems, registry)
        elif key in _CHECKS:
            checked = _CHECKS[key](value, (key,), problems)
            if checked is not None:
                draft.values[key] = checked
        else:
            problems.key((key,), f"unknown key {short(key)}{offer(key, KEYS, 'the keys are')}")
    draft.name = draft.values.get("profile", draft.name)
    return draft
