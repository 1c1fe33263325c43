from __future__ import annotations

import cv2
import numpy as np
import pytest

from deidkit.image import Array
from deidkit_reconstruct.attack.deblur import deblurred
from deidkit_reconstruct.attack.leakage import auc, measure
from deidkit_reconstruct.training.redactions import blurred

BOX = (10, 10, 190, 46)


def page(texture: float) -> tuple[Array, Array]:
    ink = np.zeros((56, 200), np.uint8)
    cv2.putText(ink, "MILLER 1961", (14, 36), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 1, cv2.LINE_AA)
    rng = np.random.default_rng(0)
    ground = cv2.GaussianBlur(rng.normal(90, texture * 8, ink.shape).astype(np.float32), (0, 0), 2)
    plane = np.clip(ground + ink * 0.5, 0, 255)
    return np.rint(plane).astype(np.uint8), ink > 100


@pytest.mark.parametrize("texture", [0.0, 1.0, 3.0])
def test_what_was_blurred_is_nearly_what_it_was(texture: float) -> None:
    plane, strokes = page(texture)
    hidden = blurred(plane, [BOX])
    mask = np.zeros(plane.shape, bool)
    mask[BOX[1] : BOX[3], BOX[0] : BOX[2]] = True
    shown = deblurred(hidden, mask)
    x0, y0, x1, y1 = BOX
    before, after = (np.abs(p.astype(float) - plane)[y0:y1, x0:x1].mean() for p in (hidden, shown))
    assert after < 0.6 * before
    eight = np.clip(shown, 0, 255).astype(np.uint8)
    assert auc(eight[y0:y1, x0:x1], strokes[y0:y1, x0:x1]) > max(0.97, auc(hidden[y0:y1, x0:x1], strokes[y0:y1, x0:x1]))


def test_a_blurred_line_is_caught_by_the_views() -> None:
    plane, _ = page(1.0)
    x0, y0, x1, y1 = BOX
    hidden = blurred(plane, [BOX])
    assert measure(plane[y0:y1, x0:x1], hidden[y0:y1, x0:x1]).advantage > 0.12


def test_small_and_flat_crops_come_back_in_their_size() -> None:
    for shape in ((1, 1), (3, 40), (40, 3)):
        assert np.allclose(deblurred(np.full(shape, 7, np.uint8)), 7)
