"""Options and tables compiled into one decision for each attribute."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from deidkit_ps315.options import Ps315Options
from deidkit_ps315.standard.addresses import keyword_of, parse_address, standard_vr
from deidkit_ps315.standard.table import Row, beyond, rows, safe_private
from deidkit_ps315.text.date_shift import OLDEST

ACTIONS = {"keep": "K", "remove": "X", "empty": "Z", "replace": "D", "clean": "C"}
EXCEPTION = "attributes"
PRIVATE_BLOCK = 0xFFFF
TIMEZONE = 0x00080201
ANNOTATION_TEXT = 0x00700006


@dataclass(frozen=True, slots=True)
class Decision:
    """``action`` is a code of Table E.1-1; ``source`` says which row, option or exception asked for it."""

    action: str
    source: str


class Resolved(NamedTuple):
    """One line of ``profiles show NAME --attributes``."""

    tag: str
    name: str
    action: str
    source: str


@dataclass(frozen=True)
class Plan:
    """What to do with every attribute under one set of options."""

    options: Ps315Options
    standard: dict[int, Decision]
    private: dict[tuple[int, int, str], Decision]
    chosen: frozenset[str] = field(default=frozenset())

    @property
    def digest(self) -> str:
        """Eight hexadecimal characters that tell two sets of options or editions of the table apart."""
        return hashlib.sha256(f"2025e;{self.options.model_dump_json()}".encode()).hexdigest()[:8]

    @property
    def oldest(self) -> int:
        """Years from which on ages are written as this one."""
        return self.options.age_cap or OLDEST

    def private_decision(self, tag: int, creator: str) -> Decision:
        group, low = tag >> 16, tag & 0xFF
        found = self.private.get((group, low, creator)) or self.private.get((group, PRIVATE_BLOCK, creator))
        return found or Decision("X", "E.1-1")


def compile_plan(options: Ps315Options) -> Plan:
    """Table E.1-1, then the supplement, then the options, then the exceptions; each beats what came before."""
    chosen = chosen_options(options)
    standard: dict[int, Decision] = {}
    for row in (*beyond(), *rows()):
        decision = decide(row, chosen)
        for tag in row.tags():
            standard[tag] = _feasible(tag, row, decision)
    for option in ("clean_graphics", "clean_structured_content"):
        if option in chosen:
            standard[ANNOTATION_TEXT] = Decision("C", f"E.1-1: {option}")
    private: dict[tuple[int, int, str], Decision] = {}
    if "safe_private" in options.retain:
        private = {key: Decision("C", "E.3.10-1: retain_safe_private") for key in safe_private()}
    for text, action in options.attributes.items():
        address, decision = parse_address(text), Decision(ACTIONS[action], EXCEPTION)
        if address.creator:
            low = address.tag & 0xFFFF
            private[(address.tag >> 16, low, address.creator)] = decision
        else:
            standard[address.tag] = decision
    return Plan(options, standard, private, chosen)


def _feasible(tag: int, row: Row, decision: Decision) -> Decision:
    """What cannot be cleaned is treated as without the option.

    Only dates and times can be moved by days (the offset from UTC stays with them); bytes, overlays and curves cannot be read.
    """
    vr = standard_vr(tag)
    if decision.action != "C":
        return decision
    if decision.source.endswith("retain_long_modified_dates"):
        fits = vr in {"DA", "DT", "TM"}
        return decision if fits else Decision("K", decision.source) if tag == TIMEZONE else Decision(row.basic, row.source)
    unreadable = vr in {"OB", "OW", "UN"} or tag >> 24 in {0x50, 0x60}
    return Decision(row.basic, row.source) if unreadable else decision


def chosen_options(options: Ps315Options) -> frozenset[str]:
    """The option columns of Table E.1-1 that are in force."""
    names = {f"retain_{name}" for name in options.retain} | {f"clean_{name}" for name in options.clean}
    names |= {"keep": {"retain_long_full_dates"}, "shift": {"retain_long_modified_dates"}, "remove": set()}[options.dates]
    return frozenset(names)


def decide(row: Row, chosen: frozenset[str]) -> Decision:
    """The action of the options in force; cleaning beats keeping where two of them differ, and both beat the basic profile."""
    wanted = [(row.options[name], name) for name in row.options if name in chosen]
    for code in ("C", "K"):
        for action, name in wanted:
            if action == code:
                return Decision(code, f"{row.source}: {name}")
    return Decision(row.basic, row.source)


def resolved(options: Ps315Options) -> Iterator[Resolved]:
    """The action for every attribute of the tables and of the exceptions, with where it comes from, by tag.

    Choices such as ``X/Z/D`` are left as they are: which one is taken depends on the SOP class of the object.
    """
    plan = compile_plan(options)
    for row in (*rows(), *beyond()):
        tags = list(row.tags())
        decision = plan.standard[tags[0]] if tags else Decision("C" if plan.private else "X", row.source)
        yield Resolved(row.tag, row.name, decision.action, decision.source)
    listed = {tag for row in (*rows(), *beyond()) for tag in row.tags()}
    for tag, decision in plan.standard.items():
        if tag not in listed:
            yield Resolved(f"{tag:08X}", keyword_of(tag), decision.action, decision.source)
    for (group, low, creator), decision in plan.private.items():
        name = f"{group:04X}xx{low:02X}" if low != PRIVATE_BLOCK else f"{group:04X}xxxx"
        yield Resolved(name, creator, decision.action, decision.source)
