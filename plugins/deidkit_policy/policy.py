"""The policy: redact, unless the text is understood, belongs to a class that the profile keeps, and points at nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deidkit.types import Action, Context, Region
from deidkit_policy.agree import better_reading
from deidkit_policy.classes import text_class
from deidkit_policy.identity import Known, is_known, known
from deidkit_policy.nearby import announces, is_value_of, runs_on
from deidkit_policy.options import PolicyOptions
from deidkit_policy.patterns import identifying
from deidkit_policy.rulers import is_value_of_unit, on_rulers

MARKERS = ("laterality", "position")
WORDS = frozenset({*MARKERS, "anatomy", "technical"})
KNOWN = "like an identifier of this patient or study"
NAMING = frozenset({KNOWN, "pattern: label", "pattern: initials"})
"""Reasons of regions that may be part of a name that goes on in the next region."""
NEVER = frozenset({"identity", "unreadable", "other"})


class TextPolicy:
    """Sets action, kind and reason of every region. Reasons name a rule, never the text."""

    def __init__(self, options: PolicyOptions) -> None:
        self._least = options.min_confidence
        self._keep = frozenset(options.keep) | (frozenset(MARKERS) if "marker" in options.keep else frozenset())

    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        """The same regions in the same order, each KEEP or REDACT."""
        who = known(context.identifiers)
        judged = [self._judge(region, who) for region in regions]
        for n in on_rulers(regions, self._least):
            if judged[n].kind == "other":
                judged[n] = replace(judged[n], kind="scale", reason="a figure of a ruler")
        judged = self._settled(judged)
        return [self._act(_with_company(region, judged)) for region in judged]

    def _settled(self, judged: Sequence[Region]) -> list[Region]:
        """Doubts that another region dispels: a better reading of the same place, or a unit beside a number."""
        understood = [region for region in judged if region.kind not in NEVER]
        out = []
        for region in judged:
            if region.kind in {"other", "unreadable"} and (better := better_reading(region, understood, self._least)):
                region = replace(region, kind=better.kind, reason="read better by a region around it")
            elif region.kind == "other" and any(is_value_of_unit(region, unit) for unit in understood):
                region = replace(region, kind="scale", reason="a number before its unit")
            out.append(region)
        return out

    def _act(self, region: Region) -> Region:
        keep = region.kind in self._keep and region.kind not in NEVER
        return replace(region, action=Action.KEEP if keep else Action.REDACT)

    def _judge(self, region: Region, who: Known) -> Region:
        text = (region.text or "").strip()
        if not text:
            kind, reason = "unreadable", "nothing could be read"
        elif is_known(text, who):
            kind, reason = "identity", KNOWN
        elif pattern := identifying(text):
            kind, reason = "identity", f"pattern: {pattern}"
        elif region.text_score < self._least:
            kind, reason = "unreadable", "read with too little confidence"
        else:
            kind = text_class(text)
            reason = "not understood" if kind == "other" else f"every word is of the class {kind} or a number"
        return replace(region, kind=kind, reason=reason)


def _with_company(region: Region, regions: Sequence[Region]) -> Region:
    """``region``, turned into identity where a neighbour makes it one."""
    if region.kind in NEVER:
        return region
    for other in regions:
        if other.kind != "identity" or not other.text:
            continue
        if announces(other.text) and is_value_of(region, other):
            return replace(region, kind="identity", reason="beside a label that announces an identifier")
        if other.reason in NAMING and region.kind in WORDS and _is_word(region) and runs_on(region, other):
            return replace(region, kind="identity", reason="runs on from an identifier")
    return region


def _is_word(region: Region) -> bool:
    return not any(character.isdigit() for character in region.text or "")
