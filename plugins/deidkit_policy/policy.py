"""The policy: redact, unless the text is understood, belongs to a class that the profile keeps, and points at nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from deidkit.types import Action, Context, Region
from deidkit_policy.agree import LEAST_LETTERS, better_reading, is_filled
from deidkit_policy.classes import text_class
from deidkit_policy.identity import Known, is_known, known
from deidkit_policy.labels import is_bare_label
from deidkit_policy.nearby import announces, is_cut_from, is_value_of, runs_on
from deidkit_policy.options import PolicyOptions
from deidkit_policy.orientation import is_one_side, opposed
from deidkit_policy.patterns import identifying
from deidkit_policy.rulers import is_lone_figure, is_setting, is_value_of_unit, on_rulers
from deidkit_policy.skeleton import skeleton

MARKERS = ("laterality", "position")
WORDS = frozenset({*MARKERS, "anatomy", "technical"})
KNOWN = "like an identifier of this patient or study"
NAMING = frozenset({KNOWN, "pattern: label", "pattern: initials"})
"""Reasons of regions that may be part of a name that goes on in the next region."""
LABEL = "a label without its value"
RULER = "a figure of a ruler"
DOUBTS = frozenset({"unreadable", "other"})
CODE = "code"
"""Kind of a barcode or matrix code. Nobody sees what one says, so it is never kept, whatever is written over it."""
NEVER = DOUBTS | {"identity", CODE}
ROUNDS = 3
SIDE_LEAST = 0.5
"""Confidence of a single letter of a side: whatever else it may be, one letter names nobody."""
WORD = re.compile(r"[^\W\d_]{2}")
"""What is read backwards has a word: a number and a letter turned round could be anything."""


class TextPolicy:
    """Sets action, kind and reason of every region. Reasons name a rule, never the text."""

    def __init__(self, options: PolicyOptions) -> None:
        self._least = options.min_confidence
        self.reads = bool(options.keep)
        self._keep = frozenset(options.keep) | (frozenset(MARKERS) if "marker" in options.keep else frozenset())

    def decide(self, regions: Sequence[Region], context: Context) -> list[Region]:
        """The same regions in the same order, each KEEP or REDACT."""
        who = known(context.identifiers)
        judged = [self._judge(region, who) for region in regions]
        for n in on_rulers(regions, self._least):
            if judged[n].kind == "other":
                judged[n] = replace(judged[n], kind="scale", reason=RULER)
        for n in opposed(regions, self._least):
            if judged[n].kind == "other":
                judged[n] = replace(judged[n], kind="position", reason="a direction whose opposite is there too")
        judged = self._settled(judged)
        return [self._act(_with_company(region, judged)) for region in judged]

    def _settled(self, judged: list[Region]) -> list[Region]:
        """Doubts that other regions dispel, again while what was settled settles more."""
        for _ in range(ROUNDS):
            understood = [region for region in judged if region.kind not in NEVER]
            doubts = {n: region for n, region in enumerate(judged) if region.kind in DOUBTS}
            settled = {n: new for n, region in doubts.items() if (new := self._dispelled(region, judged, understood))}
            if not settled:
                break
            judged = [settled.get(n, region) for n, region in enumerate(judged)]
        return judged

    def _dispelled(self, region: Region, judged: Sequence[Region], understood: Sequence[Region]) -> Region | None:
        """``region`` with the class that a better reading, its unit or its standing alone gives it."""
        if better := better_reading(region, understood, self._least):
            return replace(region, kind=better.kind, reason="read better by a region around it")
        if region.kind != "other":
            return None
        if any(is_value_of_unit(region, unit) for unit in understood):
            return replace(region, kind="scale", reason="a number at its unit")
        others = [other for other in judged if other is not region]
        if is_lone_figure(region, others):
            return replace(region, kind="scale", reason="one figure that stands alone")
        if is_setting(region, others, understood):
            return replace(region, kind="technical", reason="a short number among technical words")
        return None

    def _act(self, region: Region) -> Region:
        keep = region.kind in self._keep and region.kind not in NEVER
        return replace(region, action=Action.KEEP if keep else Action.REDACT)

    def _judge(self, region: Region, who: Known) -> Region:
        text = (region.text or "").strip()
        if region.kind == CODE:
            kind, reason = CODE, "a barcode or matrix code"
        elif not text:
            kind, reason = "unreadable", "nothing could be read"
        elif is_known(text, who):
            kind, reason = "identity", KNOWN
        elif is_bare_label(text) and region.text_score >= self._least:
            kind, reason = "technical", LABEL
        elif pattern := identifying(text):
            kind, reason = "identity", f"pattern: {pattern}"
        elif region.text_score < (SIDE_LEAST if is_one_side(text, region.box) else self._least):
            kind, reason = "unreadable", "read with too little confidence"
        elif not is_filled(region):
            kind, reason = "unreadable", "the box is larger than what was read"
        else:
            kind, reason = self._understood(text)
        return replace(region, kind=kind, reason=reason)

    def _understood(self, text: str) -> tuple[str, str]:
        """Class and reason of a text without identifiers: as it was read, else read from its other end (turned text)."""
        if (kind := text_class(text)) != "other":
            return kind, f"every word is of the class {kind} or a number"
        turned = text[::-1]
        if (
            WORD.search(turned)
            and len(skeleton(turned)) >= LEAST_LETTERS
            and not identifying(turned)
            and (kind := text_class(turned)) != "other"
        ):
            return kind, f"every word is of the class {kind} or a number, read backwards"
        return "other", "not understood"


def _with_company(region: Region, regions: Sequence[Region]) -> Region:
    """``region``, turned into identity where a neighbour makes it one."""
    if region.kind in NEVER:
        return region
    if region.kind == "scale" and region.reason != RULER and any(is_cut_from(region, other) for other in regions):
        return replace(region, kind="other", reason="may be a piece of a number or a date")
    for other in regions:
        if (other.kind not in NEVER and other.reason != LABEL) or not other.text or other is region:
            continue
        if announces(other.text) and is_value_of(region, other):
            return replace(region, kind="identity", reason="beside a label that announces an identifier")
        if other.reason in NAMING and region.kind in WORDS and _is_word(region) and runs_on(region, other):
            return replace(region, kind="identity", reason="runs on from an identifier")
    return region


def _is_word(region: Region) -> bool:
    return not any(character.isdigit() for character in region.text or "")
