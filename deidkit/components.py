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
    """Base of every component's options: strict, closed and immutable. Descriptions of the fields are shown to users."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True)


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding that a format reads, for ``deidkit doctor``.

    Args:
        name: of the encoding; for DICOM the transfer syntax with its UID.
        decoders: what is installed here and decodes it, in the order of preference.
        install: the command line that installs the preferred decoder.
    """

    name: str
    decoders: tuple[str, ...]
    install: str = ""


class State(str, Enum):
    """``MISSING`` is what some profile cannot do without; ``ABSENT`` is what nobody needs at the moment."""

    OK = "ok"
    ABSENT = "absent"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that ``deidkit doctor`` looked at.

    Args:
        area: what kind of thing it is, in one word: ``program``, ``package``, ``fonts``.
        install: the command line that gets it; empty when it is there.
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
        detector: its name.
        recipe: makes its ``deidkit_training.recipe.Recipe`` from the options of the training file. Imports torch. Raises
            TypeError for options that the network does not have.
        weights: the folder of its shipped weights.
    """

    detector: str
    recipe: Callable[[Mapping[str, Any]], Any]
    weights: Path


def no_codecs() -> Sequence[Codec]:
    """What a component says that decodes nothing by others."""
    return ()


def no_problems(_options: Any, _parts: Parts) -> Sequence[tuple[str, str]]:
    """What a component says whose options are right whenever their model takes them."""
    return ()


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that a profile can use.

    Args:
        kind: a key of ``deidkit.interfaces.INTERFACES``.
        name: what profiles write after ``use:``; unique within its kind, lower case.
        options: the model that the profile's options are checked against.
        build: makes the component from its options. Heavy imports belong in here. It is called for every component of a
            profile before the first file is opened, and may raise EnvironmentFault.
        summary: one line for ``deidkit plugins list``.
        requires: what must be there, each ``python:MODULE`` or ``program:NAME``.
        install: the command line that installs what ``requires`` names.
        family: components of one family fail in the same way; a check by the same family is not independent.
        codecs: says what a format decodes by means of which installed packages. Imports none of them.
        check: problems of options that their model took, each as the name of an option and words; for what depends on other
            installed components. Asked when a profile is loaded. Imports nothing heavy.
        reads: a verifier that reads the pixels of the written file and fails it for text that it can read.
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
    """The view of the registry that a component may use while it is being built."""

    def build(self, kind: str, name: str, options: Mapping[str, Any] | None = None) -> Any: ...

    def find(self, kind: str, name: str) -> Component | None: ...

    def missing(self, component: Component) -> tuple[str, ...]: ...

    def names(self, kind: str) -> list[str]: ...

    def components(self, kind: str | None = None) -> list[Component]: ...


_parts: ContextVar[Parts] = ContextVar("deidkit_parts")


@contextmanager
def building(registry: Parts) -> Iterator[None]:
    """Within the block ``parts`` answers with ``registry``."""
    token = _parts.set(registry)
    try:
        yield
    finally:
        _parts.reset(token)


def parts() -> Parts:
    """The registry that is building the calling component; for components made of others, such as a rechecking verifier.

    Raises:
        LookupError: called outside a ``build``.
    """
    return _parts.get()


Chosen = TypeVar("Chosen", bound=Options)


def read_options(kind: type[Chosen], path: Path | None, given: Mapping[str, Any], what: str) -> Chosen:
    """``kind`` filled from the file, with the values in ``given`` that are not None over it.

    Args:
        path: YAML, one mapping; none means all defaults.
        what: how messages call the file.

    Raises:
        UsageError: not YAML, no mapping, an unknown field or a value out of range; one line a problem, none with a value.
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
