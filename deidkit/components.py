"""Descriptions of components. They import nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from deidkit.errors import UsageError
from deidkit.interfaces import INTERFACES

__all__ = ["Codec", "Component", "Finding", "Options", "Parts", "State", "Trainable", "parts", "read_options"]


class Options(BaseModel):
    """Base class of the options of components: strict, closed and immutable. Users see the docstrings of the fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding that a format reads; ``deidkit doctor`` lists it.

    Args:
        name: name of the encoding; for DICOM the transfer syntax with its UID.
        decoders: installed packages that decode it, in order of preference.
        install: the command line that installs the preferred decoder.
    """

    name: str
    decoders: tuple[str, ...]
    install: str = ""


class State(str, Enum):
    """``MISSING``: a profile needs it. ``ABSENT``: it is not installed, and no profile needs it."""

    OK = "ok"
    ABSENT = "absent"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of ``deidkit doctor``.

    Args:
        area: the kind of requirement in one word: ``program``, ``package``, ``fonts``.
        install: the command line that installs it; empty if it is installed.
    """

    area: str
    name: str
    state: State
    detail: str = ""
    install: str = ""


@dataclass(frozen=True, slots=True)
class Trainable:
    """A detector whose network ``deidkit train detector`` trains.

    Args:
        detector: name of the detector.
        recipe: makes a ``deidkit_training.recipe.Recipe`` from the options of the training file. It may import torch. It raises
            TypeError for options that the network does not have.
        weights: the folder of the shipped weights.
    """

    detector: str
    recipe: Callable[[Mapping[str, Any]], Any]
    weights: Path


def no_codecs() -> Sequence[Codec]:
    """The default of ``Component.codecs``: no codecs."""
    return ()


def no_problems(_options: Any, _parts: Parts) -> Sequence[tuple[str, str]]:
    """The default of ``Component.check``: no problems beyond those that the model of the options finds."""
    return ()


@dataclass(frozen=True, slots=True)
class Component:
    """The description of one component that profiles can use.

    Args:
        kind: a key of ``deidkit.interfaces.INTERFACES``.
        name: the name that profiles write after ``use:``; lower case, unique within its kind.
        options: the model that validates the options in a profile.
        build: makes the component from its options. Import heavy packages here. It is called for every component of a
            profile before the first file is opened. It may raise EnvironmentFault.
        summary: one line for ``deidkit plugins list``.
        requires: requirements, each ``python:MODULE`` or ``program:NAME``.
        install: the command line that installs the requirements.
        family: components of one family share their failures, so a verifier of the same family is not independent.
        codecs: returns the encodings that a format decodes, with the installed packages that do so. It imports none of them.
        check: returns further problems of valid options, each as the name of an option and a message. Use it for options that
            depend on other installed components. It is called when a profile is loaded, and imports nothing heavy.
        reads: True for a verifier that reads the pixels of the written file and fails it for readable text.
    """

    kind: str
    name: str
    options: type[Options]
    build: Callable[[Any], Any]
    summary: str
    requires: tuple[str, ...] = ()
    install: str = ""
    family: str = ""
    codecs: Callable[[], Sequence[Codec]] = no_codecs
    check: Callable[[Any, Parts], Sequence[tuple[str, str]]] = no_problems
    reads: bool = False

    def __post_init__(self) -> None:
        if self.kind not in INTERFACES:
            raise ValueError(f"component {self.name!r}: unknown kind {self.kind!r}, one of {', '.join(INTERFACES)}")
        if not self.family:
            object.__setattr__(self, "family", self.name)


class Parts(Protocol):
    """The part of the registry that a component may use while it is built."""

    def build(self, kind: str, name: str, options: Mapping[str, Any] | None = None) -> Any: ...

    def find(self, kind: str, name: str) -> Component | None: ...

    def missing(self, component: Component) -> tuple[str, ...]: ...

    def names(self, kind: str) -> list[str]: ...

    def components(self, kind: str | None = None) -> list[Component]: ...


_parts: ContextVar[Parts] = ContextVar("deidkit_parts")


@contextmanager
def building(registry: Parts) -> Iterator[None]:
    """Let ``parts`` return ``registry`` within the block."""
    token = _parts.set(registry)
    try:
        yield
    finally:
        _parts.reset(token)


def parts() -> Parts:
    """Return the registry that builds the calling component. Use it in components made of others.

    Raises:
        LookupError: not called from within ``build``.
    """
    return _parts.get()


Chosen = TypeVar("Chosen", bound=Options)


def read_options(kind: type[Chosen], path: Path | None, given: Mapping[str, Any], what: str) -> Chosen:
    """Read options from a YAML file; values in ``given`` that are not None override it.

    Args:
        kind: the class of the options.
        path: a YAML file with one mapping; None means all defaults.
        what: the name of the file in messages.

    Raises:
        UsageError: not YAML, not a mapping, an unknown field or an invalid value. Each problem is one line without the value.
    """
    import yaml
    from pydantic import ValidationError

    try:
        fields: Any = (yaml.safe_load(path.read_text("utf-8")) or {}) if path else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise UsageError(f"{what} cannot be read as YAML") from None
    if not isinstance(fields, dict):
        raise UsageError(f"{what} must be a mapping of fields to values")
    try:
        return kind.model_validate({**fields, **{name: value for name, value in given.items() if value is not None}})
    except ValidationError as error:
        problems = (
            (".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))
            for item in error.errors(include_input=False, include_url=False)
        )
        raise UsageError("\n".join(f"{place}: {words}" if place else words for place, words in problems)) from None
