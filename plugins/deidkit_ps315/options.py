"""Options of the ps315 scrubber and of the sweep."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from pydantic import Field, field_validator, model_validator

from deidkit.components import Options
from deidkit_ps315.standard.addresses import Address, parse_address

PATTERN = re.compile(r"[^{}\\]*\{(:0\d{1,2}d)?\}[^{}\\]*")
Retain = Literal["safe_private", "uids", "device_identity", "institution_identity", "patient_characteristics"]
Clean = Literal["descriptors", "structured_content", "graphics", "pixel_data", "recognizable_visual_features"]
Exception_ = Literal["keep", "remove", "empty", "replace", "clean"]


class Ps315Options(Options):
    retain: list[Retain] = Field(default_factory=list)
    """Options of PS3.15 E.3 that retain more than the basic profile."""

    clean: list[Clean] = Field(default_factory=list)
    """Options of PS3.15 E.3 that clean instead of removing. The last two describe the detect and redact stages."""

    dates: Literal["remove", "shift", "keep"] = "remove"
    """``shift`` moves all dates of a patient by the same keyed number of whole days, so that intervals hold."""

    attributes: dict[str, Exception_] = Field(default_factory=dict)
    """Exceptions by attribute: a keyword, ``gggg,eeee``, or ``gggg,xxee CREATOR`` for a private one. They take precedence."""

    doubt: Literal["remove", "keep"] = "remove"
    """Handling of words in cleaned text that are neither known to identify nor known to be harmless."""

    age_cap: int | None = Field(default=None, ge=1, le=90)
    """Cap of Patient's Age in years. The age is computed if only the date of birth is present."""

    history: Literal["replace", "keep"] = "replace"
    """What the input says about its own de-identification: replaced, or kept as a claim in Contributing Equipment Sequence."""

    patient_id: str = Field(default="{}", max_length=48)
    """Pattern of the new Patient ID: ``{}`` is the pseudonym derived from the key, ``{:06d}`` is a running number."""

    patient_name: str = Field(default="{}", max_length=48)
    """Pattern of the new Patient's Name, with the same placeholders."""

    map_file: str = ""
    """File of the encrypted map of old and new Patient IDs. Running numbers need it. Empty: no map is kept."""

    tagger: str = ""
    """Name of a tagger component that reads cleaned text in addition to the rules."""

    @field_validator("retain", "clean")
    @classmethod
    def _once(cls, value: list[str]) -> list[str]:
        twice = [name for name, count in Counter(value).items() if count > 1]
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return value

    @field_validator("patient_id", "patient_name")
    @classmethod
    def _pattern(cls, value: str) -> str:
        if not PATTERN.fullmatch(value):
            raise ValueError("a pattern holds {} or a running number such as {:06d} once, no other braces and no backslash")
        return value

    @model_validator(mode="after")
    def _numbers_need_the_map(self) -> Ps315Options:
        if not self.map_file and any("{:" in pattern for pattern in (self.patient_id, self.patient_name)):
            raise ValueError("a running number in patient_id or patient_name needs map_file, which remembers who has which")
        return self

    @model_validator(mode="after")
    def _ages_are_kept(self) -> Ps315Options:
        if self.age_cap is not None and "patient_characteristics" not in self.retain:
            raise ValueError("age_cap needs retain: [patient_characteristics], without which Patient's Age is removed")
        return self

    @model_validator(mode="after")
    def _no_conflicts(self) -> Ps315Options:
        seen: dict[Address, tuple[str, str]] = {}
        for text, action in self.attributes.items():
            address = parse_address(text)
            other = seen.setdefault(address, (text, action))
            if other[1] != action:
                raise ValueError(f"attributes: {other[0]} and {text} are one attribute with two actions")
            self._check_exception(text, address, action)
        return self

    def _check_exception(self, text: str, address: Address, action: str) -> None:
        if action == "keep" and address.vr == "UI" and "uids" not in self.retain and not address.is_class_uid:
            raise ValueError(f"attributes: {text}: one UID cannot be kept while the others are replaced; use retain: [uids]")
        if action == "keep" and address.vr in {"DA", "DT"} and self.dates == "shift":
            raise ValueError(f"attributes: {text}: a date kept beside shifted ones gives the shift away")
        if action == "clean" and address.vr not in {"LO", "LT", "SH", "ST", "UC", "UT", "SQ", "PN", None}:
            raise ValueError(f"attributes: {text}: only text and sequences can be cleaned")
        if address.keyword == "PatientAge" and self.age_cap is not None:
            raise ValueError(f"attributes: {text}: age_cap says what becomes of it")
        if address.keyword in OWN and action != "remove":
            raise ValueError(f"attributes: {text}: deidkit writes this attribute itself")


OWN = frozenset(
    {
        "PatientIdentityRemoved",
        "DeidentificationMethod",
        "DeidentificationMethodCodeSequence",
        "LongitudinalTemporalInformationModified",
    }
)


class SweepOptions(Options):
    minimum: int = Field(default=5, ge=3, le=16)
    """Identifiers shorter than this are compared as whole tokens of elements only, never as raw bytes."""
