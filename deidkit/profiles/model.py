"""What a profile is once it has been checked and its parents are merged in."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from deidkit.components import Options
from deidkit.limits import Limits
from deidkit.types import Labels

Match = Mapping[str, frozenset[str]]
"""Label -> the values that are meant."""


class Layer(str, Enum):
    """Where a profile came from; an earlier layer beats a later one."""

    SITE = "site"
    PLUGIN = "plugin"
    BUILTIN = "builtin"

    @property
    def rank(self) -> int:
        return list(Layer).index(self)


@dataclass(frozen=True, slots=True)
class Use:
    """One component of a stage with its checked options."""

    name: str
    options: Options


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that something of a profile was taken from."""

    profile: str
    layer: Layer
    source: Path


@dataclass(frozen=True, slots=True)
class Profile:
    """A resolved profile.

    ``match`` is None for profiles that are chosen by name only. ``refuse`` holds the labels that quarantine a file. ``digest``
    is the first 12 hexadecimal digits of a SHA-256 over everything here that changes what happens to a file. ``origins`` has
    for each key that is inherited the file, its own or a parent's, that the value comes from.
    """

    name: str
    summary: str
    match: Match | None
    refuse: Match
    pixels: str
    hold_back: str
    limits: Limits
    detect: tuple[Use, ...]
    recognise: tuple[Use, ...]
    decide: tuple[Use, ...]
    redact: tuple[Use, ...]
    scrub: tuple[Use, ...]
    verify: tuple[Use, ...]
    source: Path
    layer: Layer
    extends: str | None = None
    replaces: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self._digest())

    def stage(self, name: str) -> tuple[Use, ...]:
        """The components of one stage of ``deidkit.profiles.schema.STAGES``."""
        found: tuple[Use, ...] = getattr(self, name)
        return found

    def content(self) -> dict[str, Any]:
        """All that matters to a file, as plain data in a fixed order."""
        kept = (
            "name",
            "refuse",
            "pixels",
            "hold_back",
            "limits",
            "detect",
            "recognise",
            "decide",
            "redact",
            "scrub",
            "verify",
        )
        return {name: plain(getattr(self, name)) for name in kept}

    def _digest(self) -> str:
        text = json.dumps(self.content(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def matches(match: Match, labels: Labels) -> bool:
    """Whether every label that ``match`` names has one of its values; an unsure label has none."""
    values = labels.values()
    return all(values.get(name) in wanted for name, wanted in match.items())


def plain(value: Any) -> Any:
    """``value`` as JSON-able data; sets sorted, so that the result is the same in every process."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in sorted(value.items(), key=lambda pair: str(plain(pair[0])))}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value
