"""What the depth and the values of stored samples say about the modality."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit_modality.stored import is_deep, on_hounsfield_scale, weighed

NAMES = ("CR", "CT", "MR", "US", "document", "screen")


def body(random: np.random.Generator, inside: np.ndarray) -> np.ndarray:
    """Values of 128 x 128 in Hounsfield units: ``inside`` a disc, air around it."""
    y, x = np.mgrid[-64:64, -64:64]
    return np.where(x * x + y * y < 50 * 50, inside, random.normal(-1000, 15, (128, 128)))


def slice_of_ct(seed: int = 0) -> np.ndarray:
    """Muscle, fat, bone and some lung."""
    random = np.random.default_rng(seed)
    levels = np.array([45.0, -95.0, 700.0, -780.0])
    kinds = random.choice(4, (8, 8), p=[0.5, 0.25, 0.1, 0.15]).repeat(16, axis=0).repeat(16, axis=1)
    return body(random, levels[kinds] + random.normal(0, 20, (128, 128)))


def slice_of_mr(seed: int = 0, top: float = 1700) -> np.ndarray:
    """Magnitudes (Rician) of tissues spread over the range."""
    random = np.random.default_rng(seed)
    signal = np.abs(body(random, random.uniform(0.1, 0.9, (16, 16)).repeat(8, axis=0).repeat(8, axis=1) * top))
    signal[signal > 900] *= random.uniform(0.9, 1.1)
    y, x = np.mgrid[-64:64, -64:64]
    signal = np.where(x * x + y * y < 50 * 50, signal, 0)
    return np.hypot(signal + random.normal(0, 20, signal.shape), random.normal(0, 20, signal.shape))


@pytest.mark.parametrize("offset", [0, 1000, 1024])
@pytest.mark.parametrize("padding", [None, -2000, -3024])
def test_a_ct_is_known_by_its_values_whatever_their_offset(offset: int, padding: int | None) -> None:
    values = (slice_of_ct() + offset).astype(np.int16)
    if padding is not None:
        values[:20] = padding + offset
    assert on_hounsfield_scale(values)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("top", [48, 300, 900, 1100, 1700, 4000, 30000])
def test_magnitudes_of_mr_are_not_on_that_scale(seed: int, top: float) -> None:
    assert not on_hounsfield_scale(slice_of_mr(seed, top).astype(np.uint16))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((50, 60), np.int16), np.full((50, 60), 1024, np.uint16), np.full((50, 60), -1000, np.int16),
        np.tile(np.arange(0, 4096, 16, dtype=np.uint16), (64, 1)), np.zeros((50, 60, 3), np.uint16),
        np.full((1, 1), 40, np.int16), np.zeros((40, 40), np.uint8),
    ],
)  # fmt: skip
def test_flat_ramps_and_colours_are_not(values: np.ndarray) -> None:
    assert not on_hounsfield_scale(values)


def test_deep_needs_more_levels_than_a_byte_holds() -> None:
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    assert is_deep(ramp)
    assert not is_deep(ramp % 256)
    assert not is_deep((ramp % 256).astype(np.uint8))


def test_what_samples_say_moves_the_answer() -> None:
    torn = np.full(len(NAMES), 1 / len(NAMES), np.float32)
    at = {name: index for index, name in enumerate(NAMES)}
    ct = weighed(torn, NAMES, slice_of_ct().astype(np.int16))
    assert ct[at["CT"]] > 0.9
    deep = weighed(torn, NAMES, slice_of_mr().astype(np.uint16))
    assert deep[at["US"]] == deep[at["screen"]] == deep[at["document"]] == 0
    assert deep[at["CT"]] < deep[at["MR"]]
    assert ct.sum() == pytest.approx(1)
    assert deep.sum() == pytest.approx(1)
    assert weighed(torn, NAMES, np.zeros((9, 9), np.uint8)) is torn
