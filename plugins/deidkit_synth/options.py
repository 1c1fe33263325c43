"""What `deidkit synth` and the tile generator may be told."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from deidkit.components import Options

N = TypeVar("N", int, float)


def _rising(pair: tuple[N, N]) -> tuple[N, N]:
    if pair[0] > pair[1]:
        raise ValueError("the smaller number comes first")
    return pair


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("one line without tabs or other control characters; repeat makes several")
    return text


Rising = AfterValidator(_rising)
Side = Annotated[int, Field(ge=64, le=8192)]
Height = Annotated[int, Field(ge=4, le=400)]
Level = Annotated[int, Field(ge=0, le=255)]
Count = Annotated[int, Field(ge=0, le=100)]
Factor = Annotated[float, Field(ge=0.0, le=10.0, strict=False)]

Photometric = Literal["MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "PALETTE COLOR"]
Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right", "centre"]


class Item(Options):
    """One text, or one drawn from a kind, at a place of the image."""

    text: Annotated[str, AfterValidator(_printable)] | None = None
    """What it says; drawn from ``kind`` when not given. ``{name}``, ``{id}``, ``{birth}``, ``{date}``: the patient's. Left out
    where no font of this machine has all of its characters.
    """

    kind: Literal["identity", "marker", "scale", "technical"] = "identity"
    """Class of the text in the truth."""

    corner: Corner = "top-left"
    """From where ``x`` and ``y`` are counted."""

    x: float = Field(default=0.02, ge=0.0, le=1.0, strict=False)
    """Share of the width from the corner to the text's nearest edge."""

    y: float = Field(default=0.02, ge=0.0, le=1.0, strict=False)
    """Share of the height from the corner to the text's nearest edge."""

    size: Annotated[tuple[Height, Height], Rising] = Field(default=(12, 24), strict=False)
    """Smallest and largest height, in pixels an em."""

    colour: tuple[Level, Level, Level] | None = Field(default=None, strict=False)
    """Red, green, blue of the ink; drawn at random when not given."""

    vary: int = Field(default=0, ge=0, le=255)
    """Largest random change of each colour component."""

    box: tuple[Level, Level, Level] | None = Field(default=None, strict=False)
    """Red, green, blue of a box behind the text."""

    angle: float = Field(default=0.0, ge=-360.0, le=360.0, strict=False)
    """Degrees counter-clockwise."""

    mirrored: bool = False
    """Mirror writing, as on films put in the wrong way round."""

    repeat: int = Field(default=1, ge=1, le=100)
    """How many lines, each below the one before."""

    spacing: float = Field(default=1.3, ge=0.5, le=10.0, strict=False)
    """Distance of repeated lines, in heights."""

    share: float = Field(default=1.0, ge=0.0, le=1.0, strict=False)
    """In which share of the images it appears at all."""

    appears: float = Field(default=0.0, ge=0.0, lt=1.0, strict=False)
    """After which share of the frames it is there."""

    moves: tuple[int, int] = Field(default=(0, 0), strict=False)
    """Pixels to the right and down from frame to frame."""


class SceneOptions(Options):
    """What an image looks like."""

    rows: Annotated[tuple[Side, Side], Rising] = Field(default=(480, 800), strict=False)
    """Least and most rows."""

    columns: Annotated[tuple[Side, Side], Rising] = Field(default=(512, 1024), strict=False)
    """Least and most columns."""

    bits: int = Field(default=8, ge=8, le=16)
    """Bits Stored. Above 8, samples are unsigned or signed 16-bit."""

    signed: bool = False
    """Pixel Representation 1; only with more than 8 bits and grey."""

    photometric: Photometric = "MONOCHROME2"
    """Photometric Interpretation of the output."""

    frames: int = Field(default=1, ge=1, le=200)
    """Number of Frames. With several, some text stands still, some moves, some appears late."""

    contrast: Annotated[tuple[Factor, Factor], Rising] = Field(default=(1.0, 1.0), strict=False)
    """Range of a factor on the background's contrast."""

    text: bool = True
    """False writes the same images without text."""

    layouts: Annotated[tuple[Count, Count], Rising] = Field(default=(3, 9), strict=False)
    """How many random groups of text; used when there are no ``items``."""

    items: tuple[Item, ...] = Field(default=(), strict=False)
    """Text at given places, in place of random groups."""

    negatives: int = Field(default=6, ge=0, le=100)
    """Most rulers, ticks, bars, traces, logos and the like in one image."""

    real: float = Field(default=0.5, ge=0.0, le=1.0, strict=False)
    """Share of images on a given background, where backgrounds are given; the rest are phantoms."""

    jpeg: float = Field(default=0.3, ge=0.0, le=1.0, strict=False)
    """Share of images with blur, resampling, noise or JPEG damage."""

    locale: str | None = None
    """Faker locale for names, such as de_DE; built-in names when not given."""

    @model_validator(mode="after")
    def _fits_together(self) -> SceneOptions:
        grey = self.photometric in ("MONOCHROME1", "MONOCHROME2")
        if self.bits > 8 and not grey:
            raise ValueError("more than 8 bits are for MONOCHROME1 and MONOCHROME2")
        if self.signed and self.bits == 8:
            raise ValueError("signed samples need more than 8 bits")
        return self


class TileOptions(Options):
    """Where tiles come from. ``conditions`` of ``generate`` may override any field."""

    pool: str | None = None
    """Folder with manifest.csv and images/; procedural backgrounds alone when not given."""

    part: Literal["train", "validation", "test"] = "train"
    """Part of the pool's split. ``test`` also takes the held-out font families and phantoms."""

    mined: str | None = None
    """Folder of further clean crops on which a detector erred."""

    fonts: Literal["all", "wheels", "system"] = "all"
    """Families of installed wheels, which are the same everywhere, those of this machine, or both."""

    size: int = Field(default=256, ge=64, le=4096)
    """Side of a tile in pixels."""

    empty: float = Field(default=0.35, ge=0.0, le=1.0, strict=False)
    """Share of tiles without text."""

    hard: float = Field(default=0.0, ge=0.0, le=1.0, strict=False)
    """Share of tiles on coloured tissue, flow or speckle, or in the dark, with text that is no brighter than they are."""

    seams: float = Field(default=0.0, ge=0.0, le=1.0, strict=False)
    """Share of tiles on two grounds, such as tissue and glass, so that lines of text run from one onto the other."""

    ticked: float = Field(default=0.0, ge=0.0, le=1.0, strict=False)
    """Share of rulers that have a tick beside each number."""
