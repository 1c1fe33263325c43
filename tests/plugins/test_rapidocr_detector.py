"""The rapidocr detector on text drawn by the test itself."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import pytest

from deidkit.errors import EnvironmentFault
from deidkit.image import Frame
from deidkit.imaging.boxes import covered, rasterise
from deidkit.testing.contracts import DetectorContract, RecogniserContract
from deidkit.testing.images import frame_of
from deidkit_rapidocr import models
from deidkit_rapidocr.detector import RapidOcrDetector
from deidkit_rapidocr.options import RapidOcrOptions, ReaderOptions
from deidkit_rapidocr.recogniser import RapidOcrRecogniser


@lru_cache
def detector(**options):
    return RapidOcrDetector(RapidOcrOptions(**options))


def clouds(rows=480, columns=640, top=90, seed=0):
    rng = np.random.default_rng(seed)
    small = rng.random((max(2, rows // 40), max(2, columns // 40)), np.float32)
    ground = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC) * top
    return np.clip(ground + rng.normal(0, 4, (rows, columns)), 0, 255).astype(np.uint8)


def write(picture, text, at, scale=0.6, ink=240, thickness=1):
    """Draws in place and returns the box of the ink."""
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    cv2.putText(picture, text, (at[0], at[1] + height), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)
    return (at[0], at[1], at[0] + width, at[1] + height + below // 2)


def boxes(frame, context, **options):
    return [region.box for region in detector(**options).detect([frame], context())[0]]


class TestContract(DetectorContract):
    recall = 0.95

    @pytest.fixture
    def component(self):
        return detector()


class TestRecogniserContract(RecogniserContract):
    @pytest.fixture
    def component(self):
        return RapidOcrRecogniser(ReaderOptions())


def test_what_is_read_comes_along_but_stays_out_of_sight(context):
    picture = clouds()
    box = write(picture, "BERGSTROM ELKE", (60, 40))
    regions = [r for r in detector().detect([frame_of(picture)], context())[0] if covered(box, [r.box]) > 0.85]
    assert any("BERG" in (region.text or "").upper() and region.text_score > 0.7 for region in regions)
    assert "BERG" not in repr(regions).upper()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turned_text_is_found(context, turns):
    picture = clouds()
    drawn = np.zeros_like(picture)
    write(drawn, "HAVERKAMP GRETA", (200, 200), 0.8, 255, 2)
    turned = np.ascontiguousarray(np.rot90(drawn, turns))
    ground = clouds(*turned.shape)
    picture = np.maximum(ground, turned)
    ys, xs = np.nonzero(turned > 100)
    box = (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    assert covered(box, boxes(frame_of(picture), context)) >= 0.85


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("letter", ["L", "R"])
def test_a_lone_marker_is_found(context, letter, mirrored):
    picture = clouds(600, 500)
    stamp = np.zeros((40, 40), np.uint8)
    write(stamp, letter, (8, 8), 0.8, 250, 2)
    picture[30:70, 430:470] = np.maximum(picture[30:70, 430:470], stamp[:, ::-1] if mirrored else stamp)
    ys, xs = np.nonzero(picture[30:70, 430:470] > 200)
    box = (430 + int(xs.min()), 30 + int(ys.min()), 431 + int(xs.max()), 31 + int(ys.max()))
    assert covered(box, boxes(frame_of(picture), context)) >= 0.85


@pytest.mark.parametrize("seed", range(3))
def test_pictures_without_text_stay_nearly_whole(context, seed):
    picture = clouds(512, 512, 160, seed)
    cv2.ellipse(picture, (256, 256), (150, 200), 0, 0, 360, 220, 6)
    assert rasterise(boxes(frame_of(picture), context), picture.shape).mean() < 0.03


def test_text_that_only_a_further_view_shows_is_found(context):
    picture = clouds(top=1000).astype(np.uint16)
    picture[:] = 1000
    faint = np.zeros(picture.shape, np.uint8)
    box = write(faint, "OKONKWO ADAEZE", (80, 80), 0.7, 255, 2)
    picture[300:, :] = 60000
    picture += (faint // 4).astype(np.uint16)
    views = {"default": lambda s: (s // 256).astype(np.uint8), "low": lambda s: np.clip(s - 950, 0, 255).astype(np.uint8)}
    frame = Frame(0, picture.shape, lambda: picture, views, lambda _: (0,))
    assert covered(box, boxes(frame, context)) >= 0.85
    assert covered(box, boxes(frame, context, views="default")) < 0.5


def test_tiny_pictures(context):
    assert boxes(frame_of(clouds(28, 28)), context) == []
    picture = np.zeros((64, 96), np.uint8)
    box = write(picture, "DOE 42", (10, 20), 0.5)
    assert covered(box, boxes(frame_of(picture), context)) >= 0.85


def test_small_text_in_a_huge_picture_is_found(context):
    picture = clouds(4200, 3400)
    box = write(picture, "LINDQVIST PER 19610412", (2600, 60), 0.9, 250, 2)
    assert covered(box, boxes(frame_of(picture), context)) >= 0.85


def test_nothing_is_written_anywhere(context, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    picture = clouds()
    write(picture, "NOVAK JIRI", (60, 40))
    assert boxes(frame_of(picture), context)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_wheel_is_named_with_its_install_line(monkeypatch):
    models.loaded.cache_clear()
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentFault, match="pip install rapidocr"):
        models.network("det")
    monkeypatch.undo()
    models.loaded.cache_clear()
