"""Manufacturer (0008,0070) is free text and may hold anything; only a word of this closed list ever leaves here."""

from __future__ import annotations

import re

_MARKS = {
    "acuson": "siemens",
    "agfa": "agfa",
    "aloka": "hitachi",
    "aperio": "leica",
    "atl": "philips",
    "bruker": "bruker",
    "canon": "canon",
    "carestream": "carestream",
    "dentsply": "dentsply_sirona",
    "elekta": "elekta",
    "esaote": "esaote",
    "fuji": "fujifilm",
    "fujifilm": "fujifilm",
    "ge": "ge",
    "genesis": "ge",
    "hamamatsu": "hamamatsu",
    "heidelberg": "heidelberg",
    "hitachi": "hitachi",
    "hologic": "hologic",
    "kodak": "carestream",
    "konica": "konica_minolta",
    "leica": "leica",
    "lorad": "hologic",
    "marconi": "philips",
    "medison": "samsung",
    "mindray": "mindray",
    "olympus": "olympus",
    "pentax": "pentax",
    "philips": "philips",
    "picker": "philips",
    "planmeca": "planmeca",
    "samsung": "samsung",
    "shimadzu": "shimadzu",
    "siemens": "siemens",
    "sirona": "dentsply_sirona",
    "sonosite": "fujifilm",
    "storz": "storz",
    "topcon": "topcon",
    "toshiba": "canon",
    "uih": "united_imaging",
    "united": "united_imaging",
    "varian": "varian",
    "vatech": "vatech",
    "zeiss": "zeiss",
    "ziehm": "ziehm",
}
MANUFACTURERS = tuple(sorted({*_MARKS.values(), "other"}))


def normalise(text: str) -> str | None:
    """The word for a manufacturer, ``other`` for one not listed, None for an empty text."""
    words = re.findall(r"[a-z]+", text.lower())
    if not words:
        return None
    return next((_MARKS[word] for word in words if word in _MARKS), "other")
