"""Puts a text into a class by what all of its words are: one word that is not understood makes the whole text ``other``."""

from __future__ import annotations

import re
import unicodedata

from deidkit.identity.folding import fold
from deidkit_policy.skeleton import skeleton
from deidkit_policy.vocabulary import (
    ANATOMY,
    BODY_NAMES,
    COMPANIONS,
    GIVEN,
    LATERALITY,
    MODALITIES,
    POSITION,
    SURNAMES,
    TECHNICAL,
    UNITS,
)

_SPLIT = re.compile(r"[\s/,;:=()\[\]|]+")
_NUMBER = r"[+\-±<>~]?\d{1,4}(?:[.,]\d{1,3})?"
_IS_NUMBER = re.compile(_NUMBER)
_DECIMAL = re.compile(r"[+\-±]?\s?\d{1,3}[.,]\d|[+\-]\s?\d{1,3}")
"""One digit after the point, or a sign: a reading of some scale, neither a date nor a number of anybody."""
_DIALS = re.compile(r"\d/\d/\d|\d\.\d\.\d")
"""Three single figures: settings side by side, or a version of software; a date has two in its day or year."""
_MEASURED = re.compile(rf"{_NUMBER}([a-zµ°%][a-z0-9%²³]*)")
_SETTING = re.compile(r"([a-z]{1,8})[+\-]?(?!0\d)\d{1,4}(?:\.\d{1,2})?([a-zµ°%][a-z0-9%²³]*)?")
_LETTERED = re.compile(r"[a-z]\d{1,2}[.,]\d{1,2}([a-zµ°%][a-z0-9%²³]*)")
_MISREAD_DIGITS = str.maketrans("ol", "01")
_MODE = re.compile(r"\[\s?[BbMmDd]\s?\]")
"""The mode of an ultrasound scanner, in its brackets."""
_ONE_LETTER = re.compile(r"[clw]|b\d{0,2}[05]0(?!\d)")
"""Letters that take more than two figures: centre, level and width of a window, b-values; others may be somebody's."""
_FEW = re.compile(r"[a-z]+[+\-]?\d{1,2}(?!\d)")
_LONG_NUMBER = re.compile(r"[+\-±<>~]?(?:0\d|\d{3})")
_DIAL = re.compile(r"[a-z]\d{1,2}")
"""One letter with one or two digits: the knobs of an ultrasound scanner."""
_PROBE = re.compile(r"[a-z]{1,3}\d{1,2}-\d{1,2}[a-z]{0,2}|\d[a-z]\d[a-z]?(?:-\w)?|\d?[a-z]{1,3}\d{1,2}-[a-z0-9]{1,2}")
"""Transducers such as C5-1, ML6-15, 4V1c-S, 6L3, 3D9-3v, RAB6-RS."""
LONG_UNITS = frozenset(unit for unit in UNITS if len(unit) > 1)
MISREAD = frozenset(skeleton(word) for word in TECHNICAL if len(word) > 2)
SYMBOLS = frozenset("%°")
EDGES = ".+-~ "


def tidy(text: str) -> str:
    """Folded text without the dots, quotes and arrows that stand around words or come from ticks beside them."""
    plain = "".join(c if c in "%°+-/.,:=" or unicodedata.category(c)[0] not in "PS" else " " for c in fold(text))
    return re.sub(r"^(?:[-+]+(?!\s?\d)|[\s.,:=/])+|[\s.,:=/+-]+$", "", plain)


def word_class(word: str) -> str:
    """The class of one folded word; ``other`` when it is not understood."""
    if word in SYMBOLS:
        return "scale"
    bare = word.strip(EDGES)
    if not bare:
        return "mark"
    if _IS_NUMBER.fullmatch(bare):
        return "number"
    named = (
        ("laterality", LATERALITY),
        ("position", POSITION),
        ("scale", LONG_UNITS),
        ("technical", TECHNICAL),
        ("anatomy", ANATOMY),
    )
    found = next((name for name, words in named if bare in words), None)
    return found or _compound(bare)


def _compound(word: str) -> str:
    if _PROBE.fullmatch(word):
        return "technical"
    if word[0].isdigit():
        word = re.sub(r"^[\dol.,]+", lambda digits: digits[0].translate(_MISREAD_DIGITS), word)
    measured = _MEASURED.fullmatch(word)
    if measured and measured[1] in UNITS and not _may_be_id(word, measured[1]):
        return "measure"
    lettered = _LETTERED.fullmatch(word)
    if (lettered and lettered[1] in UNITS) or _DIAL.fullmatch(word):
        return "technical"
    setting = _SETTING.fullmatch(word)
    if setting and setting[1] in TECHNICAL and _takes(setting[1], word) and (setting[2] is None or setting[2] in UNITS):
        return "technical"
    pieces = [piece for piece in re.split(r"[.\-+_]", word) if piece]
    known = all(piece in TECHNICAL or piece in ANATOMY or len(piece) == 1 for piece in pieces)
    if len(pieces) > 1 and known and any(len(piece) > 1 for piece in pieces):
        return "technical"
    if word in COMPANIONS:
        return "companion"
    return "misread" if skeleton(word) in MISREAD else "other"


def _may_be_id(word: str, unit: str) -> bool:
    """Whether a number and its unit may as well be somebody's: ``0721T``, ``4471C``."""
    return len(unit) == 1 and unit.isalpha() and bool(_LONG_NUMBER.match(word))


def _takes(name: str, word: str) -> bool:
    """Whether the setting ``name`` has as many figures as ``word`` gives it."""
    return bool(_FEW.match(word)) or (name not in MODALITIES and (len(name) > 1 or bool(_ONE_LETTER.match(word))))


def text_class(text: str) -> str:
    """laterality, position, scale, technical, anatomy, or ``other`` when doubtful. Numbers alone are doubtful."""
    plain = tidy(text)
    if _DIALS.fullmatch(plain) or all(_DECIMAL.fullmatch(part) for part in re.findall(r"[+\-±]?\s?[^\s]+", plain) or [""]):
        return "technical" if _DIALS.fullmatch(plain) else "scale"
    words = [word for word in _SPLIT.split(plain.replace("n/a", "")) if word]
    classed = [(word, name) for word, name in zip(words, map(word_class, words), strict=True) if name != "mark"]
    classes = [name for _, name in classed]
    found = set(classes)
    if not found or "other" in found or found == {"number"} or _may_be_name(words, classes):
        return "other"
    if "number" in found and all(name == "number" or word.strip(EDGES) in MODALITIES for word, name in classed):
        return "other"
    if found <= {"laterality", "position"}:
        return "position" if "position" in found else "laterality"
    if len(plain) < 2:
        return "technical" if _MODE.fullmatch(text.strip()) else "other"
    for name in ("anatomy", "technical", "misread", "scale", "measure"):
        if name in found:
            return {"misread": "technical", "measure": "scale"}.get(name, name)
    return "other"


def _may_be_name(words: list[str], classes: list[str]) -> bool:
    """Whether the words, all of them understood, could as well be somebody's name: ``MA LO``, ``Power J``, ``Max Hand``,
    ``Stone``.

    Words that count only in company need a number, or two others that are no names, to be company.
    """
    bare = [word.strip(EDGES) for word in words]
    figures = sum(name in {"number", "measure"} for name in classes)
    pieces = {piece for word in bare for piece in re.split(r"[._-]", word) if piece.isalpha() and len(piece) > 1}
    if pieces & GIVEN and pieces - GIVEN and pieces - GIVEN <= BODY_NAMES and not any(name == "measure" for name in classes):
        return True
    if not figures and all(word in SURNAMES or name == "mark" for word, name in zip(bare, map(word_class, words), strict=True)):
        return len(words) > 1 or bare[0] not in ANATOMY
    weak = sum(name in {"companion", "misread"} for name in classes)
    strong = sum(word not in SURNAMES for word in bare) - weak - figures
    initial = any(name in {"companion", "misread"} and len(word) == 1 for word, name in zip(bare, classes, strict=False))
    return weak > 0 and (weak > 1 + figures or not (figures or strong >= (2 if initial else 1)))
