"""Labels that stand alone: ``Sonographer:`` names nobody while its value is missing or stands in another region."""

from __future__ import annotations

import re

from deidkit.identity.folding import fold

_WORD = (
    r"(?:sonographer|operator|technologist|physician|referring|performing|doctor|hospital|clinic|institution|department|"
    r"exam|time|date|height|weight|bsa|of)"
)
"""No label of a patient's own data: a value that was cut off and left with it would be the patient's."""
_BARE = re.compile(rf"{_WORD}(?:\s*[/ .]\s*{_WORD}){{0,3}}\s*[:=]\s*-*")


def is_bare_label(text: str) -> bool:
    """Whether ``text`` is one to four words of the closed list, a colon, and nothing behind it but dashes."""
    return bool(_BARE.fullmatch(fold(text).strip()))
