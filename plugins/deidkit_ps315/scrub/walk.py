"""Applies a plan to a data set and everything nested in it, element by element, without decoding what stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from pydicom.dataelem import DataElement, RawDataElement

from deidkit.errors import OverBudget, UnreadableFile
from deidkit.headers.raw_elements import UNDECLARED, dictionary_vr, elements_of, text_of, vr_of
from deidkit_ps315.scrub.actions import FREE_TEXT, Actions
from deidkit_ps315.scrub.codes import MEANINGS
from deidkit_ps315.scrub.job import Element, Job, Place
from deidkit_ps315.scrub.plan import EXCEPTION, Decision
from deidkit_ps315.scrub.private import take_out
from deidkit_ps315.scrub.sequences import Sequences
from deidkit_ps315.standard.addresses import is_class_uid, is_prose
from deidkit_ps315.standard.iod import Level, settle
from deidkit_ps315.standard.value_form import CHARACTER_SET, CODES, MALFORMED, VRS, Form, form_of, is_malformed, whole_numbers
from deidkit_ps315.standard.values import UNCHECKED, empty

NUMBERS = frozenset({"AT", "FD", "FL", "OD", "OF", "OL", "OV", "OW", "SL", "SS", "SV", "UL", "US", "UV"})
TIMES = frozenset({"DA", "DT", "TM"})
BINARY = frozenset({"OB", "UN", "OW"})
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
REPEATING = frozenset({0x50, 0x60})
OVERLAY_DATA, ITEM_GROUP, ICC_PROFILE = 0x3000, 0xFFFE, 0x00282000
WAVEFORM_DATA = 0x54001010
DESCRIPTION = frozenset({*range(0x00280002, 0x00280015), *range(0x00280100, 0x00280104), *range(0x00281101, 0x00281225)})
"""Attributes that pixels cannot be read without: the Image Pixel module (PS3.3 C.7.6.3) with its palettes."""
SCHEMES = frozenset({0x00080114, 0x00080115, 0x00080116})
"""What says which coding scheme a code is from."""
PRIVATE = 0x00091000
"""A tag that stands for every private one."""

ELSEWHERE = "outside E.1-1"
KEEP_TEMPORAL = {"keep": Decision("K", "dates: keep"), "shift": Decision("C", "dates: shift")}
UNKNOWN = Decision("X", "unknown attribute")
MOST_ROUTES = 50_000
LONGEST_NUMBER = 4
LETTERS = re.compile(rb"(?:[A-Za-z]\0?){4}|(?:[ -~]\0?){6}")
"""Text where numbers should be, in one or two bytes a letter; written figures and signs count from six on."""


class Route(NamedTuple):
    """Which of the ways below an element goes, with which action, and what asked for it.

    ``form`` is what its bytes have to be where anything of them stays.
    """

    what: str
    action: str
    source: str
    form: Form | None = None


STAYS = Route("stays", "K", ELSEWHERE)
STAYING = frozenset({"C", "K", "S"})
Routes = dict[tuple[Level, int, str | None], Route]


class Walk:
    """One pass over one object. ``routes`` is kept from object to object under one plan."""

    def __init__(self, job: Job, routes: Routes) -> None:
        self._routes = routes
        self._job = job
        self._actions = Actions(job)
        self._ways: dict[str, Callable[[Place, Element, str], None]] = {
            "text": self._actions.sweep_text,
            "meaning": self._actions.clean_meaning,
            "safe": self._actions.clean_safe,
            "readable": self._actions.clean_readable,
            "bytes": self._actions.sweep_binary,
            "numbers": self._numbers,
            "profile": self._actions.replace_profile,
        }
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
        elements = self._without_bad_character_set(place, elements_of(place.dataset))
        if any(int(element.tag) & 0x10000 for element in elements):
            for element, decision in take_out(self._job, place, elements):
                self._follow(self._private(place.level, vr_of(element), decision), place, element)
        for element in elements:
            tag = int(element.tag)
            if not tag & 0x10000 and tag not in place.settled:
                self._element(place, tag, element)
        self._job.deadline.check("scrub")

    def _without_bad_character_set(self, place: Place, elements: list[Element]) -> list[Element]:
        """What is left when Specific Character Set is none: pydicom decodes it whenever an element is put into a data set."""
        element = place.dataset.get_item(CHARACTER_SET)
        form = form_of(CHARACTER_SET, element.VR) if element is not None else None
        if element is None or form is None or not form.problem(element.value):
            return elements
        self._drop(place, element)
        return [one for one in elements if one.tag != CHARACTER_SET]

    def _private(self, level: Level, vr: str, decision: Decision) -> Route:
        """What happens to a private element that stays in some form. ``clean`` does what it does to Image Comments."""
        if decision.action != "C":
            return Route("sequence" if vr == "SQ" else "apply", decision.action, decision.source)
        if vr in FREE_TEXT:
            return Route("apply" if decision.source == EXCEPTION else "safe", "C", decision.source)
        if vr in BINARY and decision.source == EXCEPTION:
            return Route("readable", "C", decision.source)
        return self._default(level, PRIVATE, vr)

    def _element(self, place: Place, tag: int, element: Element) -> None:
        key = place.level, tag, element.VR
        route = self._routes.get(key)
        if route is None:
            if len(self._routes) > MOST_ROUTES:
                self._routes.clear()
            route = self._routes[key] = self._route(place.level, tag, element)
        if element.VR is not None and element.VR not in VRS:
            element = _as_known(place, element)
        self._follow(route, place, element)

    def _route(self, level: Level, tag: int, element: Element) -> Route:
        vr = vr_of(element) if element.VR is None or element.VR in VRS else dictionary_vr(tag) or "UN"
        decision = self._standard.get(tag) or self._by_group(tag)
        route = self._default(level, tag, vr)
        if decision is not None:
            what = "sequence" if vr == "SQ" else "apply"
            route = Route(what, settle(decision.action, level.type_of(tag)), decision.source)
        stays = route.action in STAYING and route.source != EXCEPTION and route != STAYS
        return route._replace(form=form_of(tag, element.VR)) if stays else route

    def _follow(self, route: Route, place: Place, element: Element) -> None:
        what, action, source, form = route
        if form is not None and form.problem(element.value):
            self._drop(place, element)
        elif what == "apply":
            self._actions.apply(action, place, element, source)
        elif what == "sequence":
            self._sequences.apply(action, place, element, source)
        elif what == "class":
            if not self._actions.is_class_like(text_of(element, UNDECLARED)):
                self._actions.apply(action, place, element, source)
        elif what in self._ways:
            self._ways[what](place, element, source)

    def _numbers(self, place: Place, element: Element, source: str) -> None:
        """Numbers stay, unless text stands among their bytes; what then is no table of numbers any more goes, and so does a
        private number that is the patient's own: what such an element means is for its maker to say.
        """
        vr = vr_of(element)
        if int(element.tag) & 0x10000 and vr in CODES and self._job.text.tells_numbers(whole_numbers(element, vr)):
            self._drop(place, element)
            return
        if isinstance(element.value, bytes) and len(element.value) > LONGEST_NUMBER and LETTERS.search(element.value):
            self._actions.sweep_binary(place, element, source, numbers=True)
            swept = place.dataset.get_item(element.tag)
            if swept is not None and is_malformed(swept, element.VR):
                self._drop(place, swept)

    def _drop(self, place: Place, element: Element) -> None:
        """Takes out a value that cannot be what its element says: nobody knows what it is.

        Raises:
            UnreadableFile: the object cannot do without it.
        """
        tag = int(element.tag)
        kind = place.level.type_of(tag)
        if kind == "1" or tag in DESCRIPTION:
            raise UnreadableFile("value-malformed", "a required value is not what its VR and VM say that it is")
        if kind in {"2", "2C"}:
            empty(place.dataset, _as_known(place, element), dictionary_vr(tag) or "UN")
        else:
            del place.dataset[element.tag]
        self._job.note(place.path, tag, "Z" if kind in {"2", "2C"} else "X", MALFORMED)

    def _by_group(self, tag: int) -> Decision | None:
        """Overlays and curves go or stay whole; command and directory elements and group lengths never belong in a data set."""
        group = tag >> 16
        if group >> 8 in REPEATING:
            kept = self._standard.get(group << 16 | OVERLAY_DATA, UNKNOWN).action == "K"
            return None if kept else Decision("X", "E.1-1")
        if group < 8 or group == ITEM_GROUP or tag & 0xFFFF == 0:
            return UNKNOWN
        return None

    def _default(self, level: Level, tag: int, vr: str) -> Route:
        """What happens to an attribute that no table names: by its VR."""
        known = dictionary_vr(tag)
        if tag in PIXELS:
            return STAYS
        if tag == ICC_PROFILE:
            return Route("profile", "C", ELSEWHERE)
        if tag == WAVEFORM_DATA or (vr in NUMBERS and (known in NUMBERS or tag & 0x10000)):
            return Route("numbers", "C", ELSEWHERE)
        if known is None and not tag & 0x10000:
            return Route("apply", UNKNOWN.action, UNKNOWN.source)
        if vr == "SQ":
            return Route("sequence", "S", ELSEWHERE)
        if vr == "UI":
            kept = "uids" in self._job.plan.options.retain
            what = "class" if is_class_uid(tag) else "apply"
            return Route(what, "K", "retain_uids") if kept else Route(what, "U", ELSEWHERE)
        if vr == "PN":
            return Route("apply", settle("Z", level.type_of(tag)), ELSEWHERE)
        if vr in TIMES:
            return Route("apply", settle(self._temporal.action, level.type_of(tag)), self._temporal.source)
        return Route(_way_of_text(tag, vr), "C", ELSEWHERE)


def _way_of_text(tag: int, vr: str) -> str:
    if vr in BINARY:
        return "bytes"
    if tag in MEANINGS:
        return "meaning"
    return "safe" if tag not in SCHEMES and is_prose(tag, vr) else "text"


def _as_known(place: Place, element: Element) -> Element:
    """An element of a wrong VR, put back with the one that the dictionary gives its tag."""
    vr = dictionary_vr(int(element.tag)) or "UN"
    if isinstance(element, RawDataElement):
        known: Element = element._replace(VR=vr)
    else:
        known = DataElement(element.tag, vr, element.value, validation_mode=UNCHECKED)
    place.dataset[element.tag] = known
    return known
