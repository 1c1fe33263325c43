"""How a plugin describes what it offers, without importing anything heavy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from deidkit.interfaces import INTERFACES


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


def no_codecs() -> Sequence[Codec]:
    """What a component says that decodes nothing by others."""
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


_parts: ContextVar[Parts] = ContextVar("deidkit_parts")


def parts() -> Parts:
    """The registry that is building the calling component; for components made of others, such as a rechecking verifier.

    Raises:
        LookupError: called outside a ``build``.
    """
    return _parts.get()
