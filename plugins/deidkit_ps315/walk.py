"""Applies a plan to a data set and everything nested in it, element by element, without decoding what stays."""

from __future__ import annotations

from deidkit.errors import OverBudget
from deidkit.rawtext import UNDECLARED, dictionary_vr, elements_of, text_of, vr_of
from deidkit_ps315.actions import Actions
from deidkit_ps315.addresses import is_class_uid
from deidkit_ps315.iod import settle
from deidkit_ps315.job import Element, Job, Place
from deidkit_ps315.plan import Decision
from deidkit_ps315.private import take_out
from deidkit_ps315.sequences import Sequences

NUMBERS = frozenset({"AT", "FD", "FL", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"})
TIMES = frozenset({"DA", "DT", "TM"})
BINARY = frozenset({"OB", "UN", "OW"})
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
REPEATING = frozenset({0x50, 0x60})
OVERLAY_DATA, ITEM_GROUP = 0x3000, 0xFFFE

ELSEWHERE = "outside E.1-1"
KEEP_TEMPORAL = {"keep": Decision("K", "dates: keep"), "shift": Decision("C", "dates: shift")}
UNKNOWN = Decision("X", "unknown attribute")


class Walk:
    """One pass over one object."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._actions = Actions(job)
        self._sequences = Sequences(job, self.dataset)
        self._standard = job.plan.standard
        self._temporal = KEEP_TEMPORAL.get(job.plan.options.dates, Decision("X/Z/D", "dates: remove"))

    def dataset(self, place: Place) -> None:
        """Scrubs a data set in place.

        Raises:
            OverBudget: sequences nested deeper than the place allows.
            UnreadableFile: a sequence cannot be parsed.
        """
        if place.depth < 0:
            raise OverBudget("nesting-too-deep", "sequences are nested deeper than the limit")
        elements = elements_of(place.dataset)
        if any(int(element.tag) & 0x10000 for element in elements):
            for kept in take_out(self._job, place, elements):
                self._default(place, kept)
        for element in elements:
            if not int(element.tag) & 0x10000 and int(element.tag) not in place.settled:
                self._element(place, element)
        self._job.deadline.check("scrub")

    def _element(self, place: Place, element: Element) -> None:
        tag = int(element.tag)
        decision = self._standard.get(tag)
        if decision is None:
            decision = self._by_group(tag)
            if decision is None:
                self._default(place, element)
                return
        action = settle(decision.action, place.level.type_of(tag))
        if vr_of(element) == "SQ":
            self._sequences.apply(action, place, element, decision.source)
        else:
            self._actions.apply(action, place, element, decision.source)

    def _by_group(self, tag: int) -> Decision | None:
        """Overlays and curves go or stay whole; command and directory elements and group lengths never belong in a data set."""
        group = tag >> 16
        if group >> 8 in REPEATING:
            kept = self._standard.get(group << 16 | OVERLAY_DATA, UNKNOWN).action == "K"
            return None if kept else Decision("X", "E.1-1")
        if group < 8 or group == ITEM_GROUP or tag & 0xFFFF == 0:
            return UNKNOWN
        return None

    def _default(self, place: Place, element: Element) -> None:
        """What happens to an attribute that no table names: by its VR."""
        tag, vr = int(element.tag), vr_of(element)
        known = dictionary_vr(tag)
        if tag in PIXELS or (vr in NUMBERS and (known in NUMBERS or tag & 0x10000)):
            return
        if known is None and not tag & 0x10000:
            self._actions.apply("X", place, element, UNKNOWN.source)
        elif vr == "SQ":
            self._sequences.apply("S", place, element, ELSEWHERE)
        elif vr == "UI":
            if not (is_class_uid(tag) and self._actions.is_class_like(text_of(element, UNDECLARED))):
                kept = "uids" in self._job.plan.options.retain
                self._actions.apply("K" if kept else "U", place, element, "retain_uids" if kept else ELSEWHERE)
        elif vr == "PN":
            self._actions.apply(settle("Z", place.level.type_of(tag)), place, element, ELSEWHERE)
        elif vr in TIMES:
            self._actions.apply(settle(self._temporal.action, place.level.type_of(tag)), place, element, self._temporal.source)
        elif vr in BINARY:
            self._actions.sweep_binary(place, element, ELSEWHERE)
        else:
            self._actions.sweep_text(place, element, ELSEWHERE)
