"""Components with the names of the built-in ones and options of their own, so that messages do not change with plugins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Literal

import yaml
from pydantic import ConfigDict, Field

import deidkit_ps315
from deidkit.components import Component, Options, no_problems
from deidkit.hookspecs import hookimpl
from deidkit.profiles.files import builtin_folder
from deidkit.profiles.schema import STAGES
from deidkit.registry import Registry
from deidkit_ps315.options import Ps315Options


class Clean(str, Enum):
    DESCRIPTORS = "descriptors"
    GRAPHICS = "graphics"
    VISUAL = deidkit_ps315.VISUAL


class Tesseract(Options):
    min_confidence: float = Field(default=0.3, ge=0.0, le=1.0)
    psm: Literal[6, 11] = 11
    views: Literal["default", "all"] = "default"
    languages: tuple[str, ...] = ("eng",)


class Blackbox(Options):
    margin_px: int = Field(default=3, ge=0)


class Ps315(Options):
    clean: frozenset[Clean] = frozenset()
    script: str = ""


class Anything(Options):
    model_config = ConfigDict(extra="allow")


class Scrubber:
    def scrub(self, header: object, context: object) -> list[object]:
        return []

    def resolved(self) -> list[tuple[str, str, str, str]]:
        return [("(0010,0010)", "PatientName", "Z", "basic profile")]


def component(
    kind: str,
    name: str,
    options: type[Options] = Options,
    family: str = "",
    check: Callable[[Any, Any], Sequence[tuple[str, str]]] = no_problems,
    *,
    reads: bool = False,
) -> Component:
    return Component(kind, name, options, lambda _: Scrubber(), "a fake", family=family, check=check, reads=reads)


class Fakes:
    def __init__(self, *more: Component, ps315: type[Options] = Ps315) -> None:
        self.more = more
        self.ps315 = ps315

    @hookimpl
    def deidkit_components(self) -> Sequence[Component]:
        return [
            component("detector", "rapidocr"),
            component("detector", "tesseract", Tesseract),
            component("policy", "policy"),
            component("redactor", "blackbox", Blackbox),
            component("scrubber", "ps315", self.ps315, check=deidkit_ps315.check_options),
            component("verifier", "recheck", reads=True),
            component("verifier", "sweep"),
            *self.more,
        ]


def registry(*more: Component, ps315: type[Options] = Ps315) -> Registry:
    return Registry.of({"fakes": Fakes(*more, ps315=ps315)})


def for_builtin() -> Registry:
    """The fakes, with the options that ps315 really has, and one for every further component that a built-in profile names."""
    fixed = registry()
    more = {}
    for path in builtin_folder().glob("*.yaml"):
        data = yaml.safe_load(path.read_text())
        for stage, kind in STAGES.items():
            uses = data.get(stage, [])
            for use in uses if isinstance(uses, list) else [uses]:
                if fixed.find(kind, use["use"]) is None:
                    more[kind, use["use"]] = component(kind, use["use"], Anything, reads=kind == "verifier")
    return registry(*more.values(), ps315=Ps315Options)
