from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from deidkit.image import Array
from deidkit_reconstruct.attack.leakage import measure
from deidkit_reconstruct.attack.reverse import WEIGHTS, ReverseModel, planes
from deidkit_reconstruct.training.judge import advantage, position_prior
from deidkit_reconstruct.training.redactions import black, blurred, mosaic

WORDS = ("MILLER", "1961-02-03", "ANNA", "HOSPITAL", "4711", "DR. MAY")


def boxes(count: int) -> list[Array]:
    made = []
    for i in range(count):
        ink = np.zeros((24 + i % 5, 90 + 7 * (i % 4)), np.uint8)
        cv2.putText(ink, WORDS[i % len(WORDS)], (3 + i % 3, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1 + i % 2)
        made.append(ink > 0)
    return made


def test_a_perfect_guess_has_an_advantage_and_the_prior_itself_has_none() -> None:
    truth = boxes(24)
    prior = position_prior(boxes(24))
    told = advantage([np.asarray(t * 255, np.uint8) for t in truth], truth, prior)
    assert told.area == 1.0 and told.low > 0.03
    blind = advantage([np.zeros(t.shape, np.uint8) for t in truth], truth, prior)
    assert blind.area == 0.5 and blind.advantage <= 0


def test_the_network_is_not_told_what_the_mask_hides() -> None:
    plane = np.random.default_rng(0).integers(0, 200, (40, 80)).astype(np.uint8)
    other = plane.copy()
    other[10:20, 20:60] = 7
    mask = np.zeros(plane.shape, np.bool_)
    mask[10:20, 20:60] = True
    one, two = (planes(black(p, [(20, 10, 60, 20)]).astype(np.float32), mask) for p in (plane, other))
    assert np.array_equal(one, two)


def test_redactions_stay_inside_their_boxes() -> None:
    plane = np.random.default_rng(0).integers(1, 200, (40, 80)).astype(np.uint8)
    for redact in (black, blurred, mosaic):
        changed = redact(plane, [(20, 10, 60, 20)]) != plane
        assert changed[10:20, 20:60].mean() > 0.9
        assert not changed[:10].any() and not changed[20:].any() and not changed[:, :20].any() and not changed[:, 60:].any()


def test_a_guess_counts_as_one_more_view() -> None:
    truth = boxes(1)[0]
    before = np.where(truth, 230, 40).astype(np.uint8)
    after = np.random.default_rng(1).integers(30, 50, before.shape).astype(np.uint8)
    assert measure(before, after).advantage < 0.1 < measure(before, after, [np.asarray(truth * 255, np.uint8)]).advantage


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("*.card.json")), ids=lambda path: path.name)
def test_the_shipped_model_undoes_blur(card: Path) -> None:
    assert all(path.stat().st_size < 12e6 for path in WEIGHTS.iterdir())
    truth = boxes(1)[0]
    plane = np.pad(np.where(truth, 230, 60).astype(np.uint8), 16, constant_values=60)
    box = (16, 16, plane.shape[1] - 16, plane.shape[0] - 16)
    mask = np.zeros(plane.shape, np.bool_)
    mask[16:-16, 16:-16] = True
    guess = ReverseModel().strokes(blurred(plane, [box]).astype(np.float32), mask)[16:-16, 16:-16]
    assert float(guess[truth].mean()) > float(guess[~truth].mean()) + 20
