"""What the synthetic text says: identities in many scripts, markers, scales and technical read-outs. All of it is made up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

Random = np.random.Generator


def _read() -> dict[str, list[str]]:
    """``vocabulary.txt``: one list a line, its name before a colon, its entries between bars."""
    lines = Path(__file__).with_name("vocabulary.txt").read_text("utf-8").splitlines()
    return {name: entries.strip(" ").split("|") for name, entries in (line.split(":", 1) for line in lines)}


_LISTS = _read()
FAMILY, GIVEN, PLACES, MARKERS = (_LISTS[key] for key in ("family", "given", "places", "markers"))
LABELS, UNITS, PROMPTS, MONTHS = (_LISTS[key] for key in ("labels", "units", "prompts", "months"))
FOREIGN = {key: _LISTS[key] for key in ("cyrillic", "greek", "cjk", "arabic", "thai", "devanagari")}


def _pick(rng: Random, items: list[str] | tuple[str, ...]) -> str:
    return items[int(rng.integers(len(items)))].replace("_", " ")


def _case(rng: Random, text: str) -> str:
    return text if rng.random() < 0.6 else text.title()


def name(rng: Random) -> str:
    family, given = _pick(rng, FAMILY), _pick(rng, GIVEN)
    form = ("{f}, {g}", "{f}^{g}", "{g} {f}", "{f} {g}", "{f}, {g} {m}.", "{f}", "{f}_{g}")[int(rng.integers(7))]
    return _case(rng, form.format(f=family, g=given, m="ABCDEJKMS"[int(rng.integers(9))]))


def date(rng: Random) -> str:
    y, m, d = int(rng.integers(1920, 2030)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    month = _pick(rng, MONTHS)
    forms = (
        f"{d:02}.{m:02}.{y}",
        f"{m:02}/{d:02}/{y}",
        f"{y}-{m:02}-{d:02}",
        f"{d:02}-{month}-{y}",
        f"{y}{m:02}{d:02}",
        f"{d} {month} {y % 100:02}",
    )
    return forms[int(rng.integers(len(forms)))]


def time(rng: Random) -> str:
    h, m, s = int(rng.integers(24)), int(rng.integers(60)), int(rng.integers(60))
    forms = (f"{h:02}:{m:02}:{s:02}", f"{h:02}:{m:02}", f"{h % 12 + 1}:{m:02}:{s:02} {'AP'[h % 2]}M", f"{h:02}{m:02}{s:02}")
    return forms[int(rng.integers(4))]


def number(rng: Random) -> str:
    digits = "".join(str(int(v)) for v in rng.integers(0, 10, int(rng.integers(4, 11))))
    lead = ("", "", "", "MRN", "A", "P-", "#", "H")[int(rng.integers(8))]
    return f"{lead}{digits[:4]}-{digits[4:]}" if rng.random() < 0.2 else lead + digits


def identity(rng: Random) -> str:
    roll = rng.random()
    makers: tuple[Callable[[Random], str], ...] = (name, date, number, time)
    body = makers[int(np.searchsorted((0.42, 0.66, 0.86, 1.0), rng.random()))](rng)
    if roll < 0.08:
        return _pick(rng, PLACES)
    return f"{_pick(rng, PROMPTS)} {body}".strip() if roll < 0.4 else body


def marker(rng: Random) -> str:
    return _pick(rng, MARKERS)


def letter(rng: Random) -> str:
    """A side, a direction of the body, or any other capital or digit; seldom two characters."""
    roll = rng.random()
    if roll < 0.45:
        return "LR"[int(rng.integers(2))]
    if roll < 0.7:
        return "AHPFSIVDXT"[int(rng.integers(10))]
    one = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(one[int(i)] for i in rng.integers(0, len(one), 1 if roll < 0.9 else 2))


def technical(rng: Random) -> str:
    value = rng.random() * 10 ** int(rng.integers(0, 4))
    shown = f"{value:.{int(rng.integers(0, 3))}f}"
    label, unit = _pick(rng, LABELS), _pick(rng, UNITS)
    both = (f"{label} {shown}{unit}", f"{label}: {shown} {unit}", f"{label} {shown}", f"{label}={shown}")
    forms = (*both, f"{shown} {unit}", label, shown, f"[{label}]")
    return forms[int(rng.integers(len(forms)))].strip()


def scale(rng: Random) -> str:
    value = int(rng.integers(0, 250))
    forms = (f"{value}", f"{value / 10:.1f}", f"-{value}", f"{value} {_pick(rng, UNITS)}", f"{value % 20}")
    return forms[int(rng.integers(5))].strip()


def draw(rng: Random, kind: str, scripts: set[str]) -> tuple[str, str]:
    """A string of ``kind`` (identity, marker, scale, technical) and the font script that can show it."""
    if kind == "identity" and rng.random() < 0.12:
        script = _pick(rng, tuple(FOREIGN))
        font = "latin" if script in ("cyrillic", "greek") else script
        if font in scripts:
            count = int(rng.integers(1, 3))
            return " ".join(_pick(rng, FOREIGN[script]) for _ in range(count)), font
    return {"identity": identity, "marker": marker, "technical": technical, "scale": scale}[kind](rng), "latin"
