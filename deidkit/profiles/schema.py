"""The shape of a profile file: its keys, stages and label vocabularies, and the JSON Schema made of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from deidkit.limits import Limits
from deidkit.types import KINDS, MODALITIES, QUALITIES

if TYPE_CHECKING:
    from deidkit.components import Component
    from deidkit.registry import Registry

VERSION = 1

NOTHING, SERIES, STUDY = "nothing", "series", "study"
HOLD_BACK = (NOTHING, SERIES, STUDY)
"""What is quarantined together with an object that is not released."""

REDACT, INSPECT, NONE = "redact", "inspect", "none"
PIXELS = (REDACT, INSPECT, NONE)
"""Handling of pixels: text is redacted; pixels are read and never altered; there are no pixels."""

STAGES = {
    "detect": "detector",
    "recognise": "recogniser",
    "decide": "policy",
    "redact": "redactor",
    "scrub": "scrubber",
    "verify": "verifier",
}
"""Stage -> kind of the components that it uses."""

SINGLE = frozenset({"recognise", "decide", "redact"})
"""Stages of exactly one component."""

PIXEL_STAGES = frozenset({"detect", "recognise", "decide", "redact"})
"""Stages of profiles that redact; other profiles have none of them."""

LIMITS = {field.name: float if field.name.endswith("seconds") else int for field in dataclasses.fields(Limits)}

KEYS = {
    "profile": "Name of the profile: lower-case letters, digits, - and _.",
    "schema_version": f"Version of this format, {VERSION}.",
    "extends": "One parent. Stages, limits, refuse, pixels and hold_back are inherited; each is replaced as a whole.",
    "replaces": "The profile whose place this one takes, in its name and, unless match is given, in its match.",
    "summary": "One line for people.",
    "match": "Labels that the profile is for, each a value or a list. Not inherited. Without it, selected by name only.",
    "refuse": "Labels for which a file is quarantined, each a value or a list, for example quality: [blurred].",
    "pixels": "redact; inspect: labels and measurements are read and never altered; none: objects without pixels.",
    "hold_back": "What is released as a whole or not at all: nothing, series or study.",
    "limits": "Budgets for one file.",
    "detect": "Detectors; their results are merged.",
    "recognise": "Reads the regions of detectors that do not read text.",
    "decide": "Decides which regions are redacted.",
    "redact": "Redacts regions.",
    "scrub": "Header scrubbers, in this order.",
    "verify": "Verifiers; all of them have to pass.",
}


LABELS: dict[str, tuple[str, ...] | None] = {"modality": MODALITIES, "kind": KINDS, "manufacturer": None, "quality": QUALITIES}
"""Label -> its vocabulary, None where classifiers may bring words of their own."""


def _one_or_more(item: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1, "uniqueItems": True}]}


def _labels() -> dict[str, Any]:
    word: dict[str, Any] = {"type": "string", "pattern": "^[a-z0-9_-]+$"}
    known = {name: _one_or_more({"enum": list(words)} if words else word) for name, words in LABELS.items()}
    return {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": known}


def _use(component: Component, definitions: dict[str, Any]) -> dict[str, Any]:
    prefix = f"{component.kind}.{component.name}"
    options = component.options.model_json_schema(ref_template=f"#/$defs/{prefix}.{{model}}")
    for name, definition in options.pop("$defs", {}).items():
        definitions[f"{prefix}.{name}"] = definition
    return {
        "type": "object",
        "description": component.summary,
        "required": ["use"],
        "additionalProperties": False,
        "properties": {"use": {"const": component.name}, "options": options},
    }


def schema(registry: Registry) -> dict[str, Any]:
    """JSON Schema (2020-12) of a profile, with the options of every component in ``registry``."""
    definitions: dict[str, Any] = {}
    properties: dict[str, Any] = {
        "profile": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,31}$"},
        "schema_version": {"const": VERSION},
        "extends": {"type": "string"},
        "replaces": {"type": "string"},
        "summary": {"type": "string"},
        "match": _labels(),
        "refuse": _labels(),
        "pixels": {"enum": list(PIXELS)},
        "hold_back": {"enum": list(HOLD_BACK)},
        "limits": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "integer" if number is int else "number", "exclusiveMinimum": 0}
                for name, number in LIMITS.items()
            },
        },
    }
    for stage, kind in STAGES.items():
        use = {"anyOf": [_use(component, definitions) for component in registry.components(kind)]}
        properties[stage] = {"anyOf": [use, {"type": "array", "items": use, "minItems": 1}]}
        if stage in SINGLE:
            properties[stage]["anyOf"][1]["maxItems"] = 1
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deidkit profile",
        "type": "object",
        "required": ["profile", "schema_version"],
        "additionalProperties": False,
        "properties": {key: {"description": text, **properties[key]} for key, text in KEYS.items()},
        "$defs": definitions,
    }
