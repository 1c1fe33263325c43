"""The font families of wheels and of this machine, split into those for training and those kept for the held-out set."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

SUFFIXES = (".ttf", ".otf", ".ttc", ".otb", ".pcf.gz", ".pcf")
SYSTEM = ("/usr/share/fonts", "/usr/local/share/fonts")
WHEELS = "fontpkg.family"
"""Entry points under which distributions name the package that holds the files of a font family."""

Origin = Literal["all", "wheels", "system"]

HELD_OUT = (
    "3270",
    "anonymous",
    "clearsans",
    "courierprime",
    "fantasque",
    "fira",
    "jetbrains",
    "nationalpark",
    "quicksand",
    "spacemono",
    "spleen",
)
"""Families that training never sees. A face belongs to them when its name contains one of these, case and hyphens aside."""

UNREADABLE = ("emoji", "dseg", "symbol", "dingbat", "d050", "z003", "openmoji", "misaki_mincho", "opens___", "cursor")
SCRIPTS = {
    "cjk": ("cjk", "vl-gothic", "vlgothic", "wqy", "nanum", "misaki", "droidsansfallback"),
    "arabic": ("amiri", "notosansarabic", "notonaskh"),
    "thai": ("tlwg", "notosansthai"),
    "devanagari": ("notosansdevanagari",),
}
_STEPS = (*range(6, 24), *range(24, 40, 2), *range(40, 100, 5))
FEWEST_HELD_OUT, PROBE = 4, 16
HELD_OUT_PACKAGES = (
    "fonts-3270 fonts-jetbrains-mono fonts-courier-prime fonts-quicksand fonts-spleen fonts-anonymous-pro fonts-clear-sans "
    "fonts-firacode fonts-fantasque-sans fonts-national-park"
)
BITMAP_PIXELS = {".otb": (12, 14, 16, 18, 20, 24, 28, 32), ".gz": (8, 10, 11, 12, 14, 15, 16, 17, 18, 20, 24, 25, 34)}


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. ``script`` says which alphabet it is used for, ``bitmap`` whether only fixed sizes load.

    ``name`` is its path without what differs from machine to machine: the whole path below ``/usr``, else from the folder on.
    Whatever is decided about a face is decided by it, so that neither a home nor a virtual environment has a say.
    """

    path: Path
    name: str
    script: str
    bitmap: bool
    weight: float
    shaped: bool = True
    """Whether letters are laid out by the libraries of the system where it has them (FriBiDi), or the same way everywhere."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where font files lie; ``name`` begins the names of the faces found there, ``shaped`` is theirs."""

    path: Path
    name: str
    shaped: bool = True


def install_line(held: bool) -> str:
    """What to tell somebody who has too few fonts."""
    packages = HELD_OUT_PACKAGES if held else "fonts-dejavu-core"
    return f"too few usable fonts found; run: pip install 'deidkit-imaging[synth]'   (or on Debian: apt-get install {packages})"


def enough(faces: Sequence[Face], held: bool) -> bool:
    """Whether there is anything to draw with; of held-out families several, since one says little of others."""
    if not held:
        return bool(faces)
    bank = FontBank(list(faces))
    families = {_held_family(face.name) for face in faces if bank.load(face, PROBE) is not None}
    return len(families - {None}) >= FEWEST_HELD_OUT


def held_out(face: Face) -> bool:
    """Whether this face belongs to a family that training never sees."""
    return _held_family(face.name) is not None


def _held_family(name: str) -> str | None:
    text = re.sub(r"[-_ ]", "", name.lower())
    return next((word for word in HELD_OUT if word in text), None)


def font_folders(origin: Origin = "all") -> list[Folder]:
    """The folders of families in wheels (distributions ``fontpkg-*``), of the system, or both. Nothing of them is imported."""
    wheels = [] if origin == "system" else list(_of_wheels())
    return wheels if origin == "wheels" else [*wheels, *_of_system()]


def _of_wheels() -> Iterator[Folder]:
    for package in sorted({point.module for point in metadata.entry_points(group=WHEELS)}):
        spec = find_spec(package) if "." not in package else None
        for path in (spec.submodule_search_locations or ()) if spec is not None else ():
            yield Folder(Path(path), package, shaped=False)


def _of_system() -> Iterator[Folder]:
    yield from (Folder(Path(path), path) for path in SYSTEM)
    try:
        yield Folder(Path.home() / ".fonts", ".fonts")
    except RuntimeError:  # neither HOME nor an entry of this user in the system's list
        return


def _script(name: str) -> str | None:
    text = name.lower()
    for script, words in SCRIPTS.items():
        if any(word in text for word in words):
            return script
    if "noto" in text and not any(
        w in text for w in ("notosans-", "notoserif-", "notosansmono", "notomono", "notosansdisplay-")
    ):
        return None
    return "latin"


def _plain_weight(name: str) -> float:
    """Favours upright sans and mono faces, which is what device vendors burn in."""
    text = name.rpartition("/")[2].lower()
    weight = 1.0
    if any(w in text for w in ("italic", "oblique", "black", "thin", "extralight", "condensed-", "heavy")):
        weight *= 0.25
    if any(
        w in text
        for w in ("liberationsans", "dejavusans", "helv", "nimbussans", "lucida", "arimo", "terminus", "px437", "pxplus")
    ):
        weight *= 3.0
    if any(w in text for w in ("serif", "roman", "bookman", "termes", "schola")):
        weight *= 0.5
    return weight


def find_faces(folders: Sequence[Folder] | None = None, held: bool = False, limit_per_folder: int = 24) -> list[Face]:
    """Usable font files below ``folders`` (all there are when not given) in a stable order: those of the held-out families when
    ``held``, else all others.
    """
    faces: list[Face] = []
    for folder in font_folders() if folders is None else folders:
        together: dict[str, list[Face]] = {}
        for face in filter(None, (_face(folder, path) for path in sorted(folder.path.rglob("*")))):
            if held_out(face) == held:
                together.setdefault(face.name.rpartition("/")[0], []).append(face)
        for found in together.values():
            kept = sorted(found, key=lambda f: (-f.weight, zlib.crc32(f.name.encode())))[:limit_per_folder]
            total = sum(f.weight for f in kept) ** 0.5
            faces += [replace(f, weight=f.weight / total) for f in kept]
    return faces


def _face(folder: Folder, path: Path) -> Face | None:
    """The face of a font file; None for other files, symbols and scripts that nothing is drawn in."""
    name = f"{folder.name}/{path.relative_to(folder.path).as_posix()}"
    if not name.lower().endswith(SUFFIXES) or any(word in name.lower() for word in UNREADABLE):
        return None
    script = _script(name)
    bitmap = name.lower().endswith((".otb", ".pcf", ".pcf.gz"))
    return None if script is None else Face(path, name, script, bitmap, _plain_weight(name), folder.shaped)


def has_letters(font: Any) -> bool:
    """Whether letters and figures look different: bitmap fonts without a Unicode table draw one box for every character."""
    return len({_shape(font, letter) for letter in "AK7"}) == len("AK7")


def has_all(font: Any, text: str) -> bool:
    """Whether a font has a shape of its own for every character: those it lacks look like a code point that no font has."""
    absent = _shape(font, "\uffff")
    shapes = [_shape(font, letter) for letter in set(text) if not letter.isspace()]
    return all(shape != absent and any(shape[1]) for shape in shapes)


def _shape(font: Any, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


def script_of(text: str) -> str:
    """The script of ``SCRIPTS`` that a character of ``text`` belongs to, else latin: its fonts have Cyrillic and Greek."""
    names = [unicodedata.name(letter, "") for letter in text]
    starts = {
        "cjk": ("CJK", "HIRAGANA", "KATAKANA", "HANGUL"),
        "arabic": ("ARABIC",),
        "thai": ("THAI",),
        "devanagari": ("DEVANAGARI",),
    }
    return next((script for script, start in starts.items() if any(name.startswith(start) for name in names)), "latin")


@dataclass(slots=True)
class FontBank:
    """Draws faces and loads them at a pixel size; what does not load is dropped for good."""

    faces: list[Face]
    cache: dict[tuple[Path, int], Any] = field(default_factory=dict)
    most_cached: int = 6000
    whole: bool = False
    """Whether text is left out rather than drawn without the letters that a font lacks; training does not mind, truth would."""

    _by_script: dict[str, tuple[list[Face], Any]] = field(default_factory=dict)

    def scripts(self) -> set[str]:
        return {face.script for face in self.faces}

    def draw(self, rng: np.random.Generator, script: str, size: int) -> Any | None:
        """A loaded font of about ``size`` pixels an em, None when this bank has none for ``script``."""
        for _ in range(4):
            if script not in self._by_script:
                chosen = [f for f in self.faces if f.script == script]
                weights = np.cumsum([f.weight for f in chosen])
                self._by_script[script] = (chosen, weights)
            chosen, weights = self._by_script[script]
            if not chosen:
                return None
            face = chosen[int(np.searchsorted(weights, rng.random() * weights[-1]))]
            font = self.load(face, size)
            if font is not None:
                return font
        return None

    def load(self, face: Face, size: int) -> Any | None:
        """The face at about ``size`` pixels, None when it does not load or has no letters."""
        from PIL import ImageFont

        size = min(_STEPS, key=lambda s: abs(s - size))
        key = (face.path, size)
        if key in self.cache:
            return self.cache[key]
        sizes = [size]
        if face.bitmap:
            sizes = sorted(BITMAP_PIXELS.get(face.path.suffix, (16,)), key=lambda s: abs(s - size))[:6]
        font = None
        layout = None if face.shaped else ImageFont.Layout.BASIC
        for pixels in sizes:
            try:
                font = ImageFont.FreeTypeFont(str(face.path), pixels, layout_engine=layout)
                break
            except (OSError, ValueError):
                continue
        if font is not None and face.script == "latin" and not has_letters(font):
            font = None
        if len(self.cache) > self.most_cached:
            self.cache.clear()
        self.cache[key] = font
        return font
