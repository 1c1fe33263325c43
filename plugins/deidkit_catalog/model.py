"""The catalogue: which boxes of which image size hold text, and how the device that made the image is recognised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from deidkit.errors import UsageError
from deidkit.yaml_source import load

BoxField = Annotated[list[int], Field(min_length=4, max_length=4)]
Size = Annotated[int, Field(ge=1, le=65535)]


class _Closed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Condition(_Closed):
    """One condition, or several joined. Exactly one of ``attribute``, ``all``, ``any`` and ``none`` is given.

    ``attribute`` is a DICOM keyword or ``(gggg,eeee)``; it is compared without regard to case. ``contains`` and ``equals`` hold
    alternatives, of which one has to fit; ``present`` asks whether the attribute has a value.
    """

    attribute: str | None = None
    contains: list[str] | None = None
    equals: list[str] | None = None
    present: bool | None = None
    all: list[Condition] | None = None
    any: list[Condition] | None = None
    none: list[Condition] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        kinds = [self.attribute, self.all, self.any, self.none]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("give exactly one of attribute, all, any and none")
        tests = sum(test is not None for test in (self.contains, self.equals, self.present))
        if tests != (1 if self.attribute is not None else 0):
            raise ValueError("an attribute takes exactly one of contains, equals and present")
        return self


class Signature(_Closed):
    """One device and image size, and where it writes. Boxes are [x0, y0, x1, y1], half open, in stored pixels."""

    name: str
    source: str
    rows: Size
    columns: Size
    when: Condition
    boxes: list[BoxField] = Field(min_length=1)

    @model_validator(mode="after")
    def _boxes_inside(self) -> Signature:
        for x0, y0, x1, y1 in self.boxes:
            if not (0 <= x0 < x1 <= self.columns and 0 <= y0 < y1 <= self.rows):
                raise ValueError("a box is empty or not inside the image size")
        return self


class Catalogue(_Closed):
    catalogue_version: int = Field(default=1, ge=1, le=1)
    signatures: list[Signature]


def read_catalogue(path: Path) -> Catalogue:
    """Reads a catalogue, as strictly as a profile.

    Raises:
        UsageError: not readable, or not a catalogue; ProfileError where the YAML itself is at fault.
    """
    if not path.is_file():
        raise UsageError("a catalogue does not exist or is no file")
    document = load(path, path.name)
    try:
        return Catalogue.model_validate(document.data)
    except ValidationError as error:
        problems = [_problem(document, dict(e)) for e in error.errors(include_input=False, include_url=False)]
        raise UsageError("\n".join(problems)) from None


def _problem(document: Any, error: dict[str, Any]) -> str:
    return str(document.mark(tuple(error["loc"])).says(f"{'.'.join(map(str, error['loc']))}: {error['msg']}"))


def write_catalogue(catalogue: Catalogue) -> str:
    """The YAML text of a catalogue."""
    data = catalogue.model_dump(exclude_none=True)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)


def builtin_catalogue() -> Catalogue:
    """The catalogue that comes with deidkit."""
    return read_catalogue(Path(__file__).with_name("signatures.yaml"))


def all_of(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else Condition(all=conditions)


def sizes(condition: Condition) -> Iterator[tuple[str, int]]:
    """Rows and Columns that a condition insists on: (attribute, value)."""
    if condition.attribute in ("Rows", "Columns") and condition.equals and len(condition.equals) == 1:
        yield condition.attribute, int(condition.equals[0])
    for part in condition.all or ():
        yield from sizes(part)
