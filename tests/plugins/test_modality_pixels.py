from __future__ import annotations

import numpy as np
import pytest

from deidkit.types import Label, Labels
from deidkit_modality.combine import combine
from deidkit_modality.features import LENGTH, features
from deidkit_modality.training.augment import SPOILERS, vary
from deidkit_modality.training.patterns import pattern, scene
from deidkit_modality.uniform import DETAIL, LONG_SIDE, square, uniform

SHAPES = [(1, 1), (1, 900), (900, 2), (7, 5), (64, 64), (3000, 2000), (513, 511)]


def noise(rows: int, columns: int, channels: int = 0) -> np.ndarray:
    shape = (rows, columns, channels) if channels else (rows, columns)
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("channels", [0, 3])
def test_any_size_gives_one_finite_vector(shape: tuple[int, int], channels: int) -> None:
    made = uniform(noise(*shape, channels))
    assert max(made.pixels.shape[:2]) <= max(LONG_SIDE, 1)
    assert max(made.detail.shape) <= DETAIL
    vector = features(made)
    assert vector.shape == (LENGTH,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()
    assert np.abs(vector).max() < 50


@pytest.mark.parametrize("shade", [0, 255])
def test_a_border_changes_nothing_but_what_says_so(shade: int) -> None:
    inner = noise(120, 160) // 2 + 60
    framed = np.full((200, 300), shade, np.uint8)
    framed[30:150, 100:260] = inner
    made = uniform(framed)
    assert np.array_equal(made.pixels, inner)
    assert made.border == pytest.approx(1 - 120 * 160 / (200 * 300))
    assert made.shade == pytest.approx(shade / 255)


def test_thin_lines_in_the_border_do_not_hold_it() -> None:
    framed = np.zeros((200, 300), np.uint8)
    framed[50:150, 50:250] = noise(100, 200) // 2 + 60
    framed[3, 5:8] = 255
    assert uniform(framed).pixels.shape == (100, 200)


def test_a_round_field_of_view_becomes_its_inscribed_rectangle() -> None:
    y, x = np.mgrid[-100:100, -100:100]
    disc = np.where(x * x + y * y < 98 * 98, 180, 0).astype(np.uint8)
    made = uniform(disc)
    assert made.round
    assert made.pixels.min() == 180
    assert made.pixels.shape == pytest.approx((138, 138), abs=4)


def test_grey_stored_as_colour_is_grey() -> None:
    grey = noise(50, 60)
    assert np.array_equal(uniform(np.repeat(grey[..., None], 3, axis=2)).pixels, uniform(grey).pixels)


def test_square_keeps_aspect() -> None:
    boxed = square(np.full((50, 100, 3), 200, np.uint8), 64)
    assert boxed.shape == (64, 64, 3)
    assert (boxed[20:44] == 200).all()
    assert (boxed[:14] == 0).all()


@pytest.mark.parametrize("label", ["US", "CT", "XC", "document"])
def test_copies_are_the_same_for_one_seed_only(label: str) -> None:
    image = noise(90, 110, 3)
    first, again, other = (vary(image, label, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.array_equal(first, other)
    assert first.dtype == np.uint8


def test_ruined_copies_are_ruined() -> None:
    image, random = noise(90, 110, 3), np.random.default_rng(5)
    assert SPOILERS["blurred"](image, random).std() < image.std() / 4
    assert SPOILERS["dark"](image, random).mean() < 30
    assert SPOILERS["bright"](image, random).mean() > 225
    assert SPOILERS["empty"](image, random).shape == image.shape
    for made in (pattern(70, 80, random), scene(70, 80, random)):
        assert made.shape == (70, 80, 3)
        assert made.dtype == np.uint8


GOOD = Label("good", 0.9)


def header(modality: str | None = None, kind: str | None = None) -> Labels:
    return Labels(Label(modality, 1.0), Label(kind, 1.0), Label("ge", 1.0))


@pytest.mark.parametrize(
    ("stated", "seen", "modality", "kind", "conflict"),
    [
        (header(), "US", "US", "image", False),
        (header(), "screen", None, "capture", False),
        (header(), "document", None, "capture", False),
        (header(), None, None, None, False),
        (header("CT", "image"), "CT", "CT", "image", False),
        (header("DX", "image"), "CR", "DX", "image", False),
        (header("CT", "image"), "US", "CT", "image", True),
        (header("CT", "image"), None, "CT", "image", False),
        (header("MR", "image"), "PT", "MR", "image", False),
        (header("MR", "image"), "XC", "MR", "image", True),
        (header("MR", None), "CT", "MR", None, True),
        (header("MR", None), None, None, None, False),
        (header("CT", "image"), "screen", "CT", "image", True),
        (header("MG", "image"), "CT", "MG", "image", False),
        (header("MG", "image"), None, "MG", "image", False),
        (header("MG", "image"), "document", "MG", "image", True),
        (header("US", None), "US", "US", "image", False),
        (header("US", None), "MR", "US", None, True),
        (header("CT", "capture"), "MR", "CT", "capture", False),
        (header("SM", "label"), "SM", "SM", "label", False),
        (header("CT", "other"), "CT", "CT", "other", False),
    ],
)
def test_header_and_pixels(stated: Labels, seen: str | None, modality: str | None, kind: str | None, conflict: bool) -> None:
    labels = combine(stated, Label(seen, 0.8), GOOD)
    assert (labels.modality.value, labels.kind.value, labels.conflict) == (modality, kind, conflict)
    assert labels.quality == GOOD
    assert labels.manufacturer.value == "ge"


def test_a_conflict_of_the_header_stays() -> None:
    stated = Labels(Label("CT", 1.0), Label("image", 1.0), conflict=True)
    assert combine(stated, Label("CT", 1.0), GOOD).conflict


@pytest.mark.parametrize("modality", ["MG", "XA", "US"])
def test_a_likely_screen_contradicts_a_header_though_it_is_not_sure(modality: str) -> None:
    assert combine(header(modality, "image"), Label(None, 0.8), GOOD, suspect=True).conflict
    assert not combine(header(modality, "image"), Label(None, 0.8), GOOD).conflict
    assert combine(header(), Label(None, 0.8), GOOD, suspect=True).kind.value is None
