"""The shipped network through the component, on images made here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset

import deidkit_dbnet
import deidkit_retinanet
from deidkit.errors import EnvironmentFault, StageTimeout
from deidkit.image import Frame
from deidkit.imaging.boxes import covered, rasterise
from deidkit.keys import Keys
from deidkit.nn.cards import load_card
from deidkit.registry import installed
from deidkit.types import Context, Deadline, Labels

LINES = [("DOE^JOHN", 40, 60, 255), ("ID 4711-0815", 60, 200, 90), ("12.03.1956", 300, 320, 160)]


def context(seconds=60.0):
    return Context(Labels(), "test", ("dbnet",), Keys(bytes(32)), Deadline.after(seconds), Dataset())


def frame_of(view):
    return Frame(0, view.shape[:2], lambda: view, {"default": lambda samples: samples}, lambda _: (0,))


def drawn(rows=403, columns=597):
    view = np.full((rows, columns), 30, np.uint8)
    boxes = []
    for text, x, y, level in LINES:
        (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.7, 1)
        cv2.putText(view, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, int(level), 1, cv2.LINE_AA)
        boxes.append((x, y - height, x + width, y + base // 2))
    return view, boxes


@pytest.fixture(scope="module")
def detector():
    return installed().build("detector", "dbnet")


@pytest.mark.parametrize("change", ["plain", "negative", "colour"])
def test_every_drawn_line_is_covered(detector, change):
    view, boxes = drawn()
    view = {"plain": view, "negative": 255 - view, "colour": np.repeat(view[..., None], 3, 2)}[change]
    regions = detector.detect([frame_of(view)], context())[0]
    for box in boxes:
        assert covered(box, [r.box for r in regions]) >= 0.85
    assert all(0 <= r.score <= 1 and r.detector == "dbnet" and r.text is None for r in regions)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_image_has_no_text(detector, level):
    assert detector.detect([frame_of(np.full((200, 300), level, np.uint8))], context()) == [[]]


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (33, 31)])
def test_any_size_works_and_boxes_stay_inside(detector, shape):
    view = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    for region in detector.detect([frame_of(view)], context())[0]:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= shape[1] and 0 <= y0 < y1 <= shape[0]


def test_frames_are_answered_one_by_one_and_alike(detector):
    view, _ = drawn()
    first, empty, again = detector.detect([frame_of(view), frame_of(np.zeros((64, 64), np.uint8)), frame_of(view)], context())
    assert first == again and first and not empty


def test_the_deadline_is_kept(detector):
    with pytest.raises(StageTimeout):
        detector.detect([frame_of(drawn()[0])], context(0.0))


@pytest.mark.parametrize(("plugin", "facts"), [(deidkit_dbnet, {"rules"}), (deidkit_retinanet, {"min_score", "hint_score"})])
def test_weights_are_small_and_on_the_card(plugin, facts):
    folder, name = Path(plugin.__file__).parent / "weights", plugin.__name__.removeprefix("deidkit_")
    card = load_card(folder / f"{name}.card.json")
    assert set(card.files) == {path.name for path in folder.iterdir()} - {f"{name}.card.json"}
    assert all(path.stat().st_size < 8_000_000 for path in folder.iterdir())
    assert {"training", "data", "validation", "int8_validation", *facts} <= set(card.facts)


@pytest.mark.parametrize("name", ["dbnet", "retinanet"])
def test_eight_bits_find_what_floats_find(name):
    view, boxes = drawn()
    for precision in ("float", "int8"):
        built = installed().build("detector", name, {"precision": precision})
        found = [r.box for r in built.detect([frame_of(view)], context())[0]]
        assert all(covered(box, found) >= 0.85 for box in boxes)


def test_torch_is_not_needed():
    script = """
import sys
from deidkit.registry import installed
installed().build("detector", "dbnet")
print(any(name.split(".")[0] in {"torch", "lightning"} for name in sys.modules))
"""
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "False"


def test_torch_without_torch_is_an_environment_fault():
    try:
        import torch  # noqa: F401
    except ImportError:
        with pytest.raises(EnvironmentFault):
            installed().build("detector", "dbnet", {"runtime": "torch"})


def test_hints_are_given_beside_the_same_certain_regions(detector):
    view, _ = drawn()
    noise = np.random.default_rng(2).integers(0, 120, view.shape, np.uint8)
    asked = installed().build("detector", "dbnet", {"hints": True})
    hints = 0
    for share in np.arange(0.1, 0.4, 0.02):
        noisy = cv2.addWeighted(view, share, noise, 1 - share, 0)
        certain, both = detector.detect([frame_of(noisy)], context())[0], asked.detect([frame_of(noisy)], context())[0]
        assert [region for region in both if not region.hint] == certain
        assert not any(region.hint for region in certain)
        hints += sum(region.hint for region in both)
    assert hints


@pytest.mark.parametrize("degrees", [20, 30, 40, 45, 55, 65, 70])
def test_a_slanting_line_is_covered_by_a_chain_of_small_boxes(detector, degrees):
    view = np.zeros((400, 400), np.uint8)
    cv2.putText(view, "MUELLER ANNA 1957", (70, 205), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 1, cv2.LINE_AA)
    there = cv2.getRotationMatrix2D((200, 200), degrees, 1)
    view = np.maximum(cv2.warpAffine(view, there, (400, 400)), 30)
    boxes = [region.box for region in detector.detect([frame_of(view)], context())[0]]
    told = rasterise(boxes, view.shape)
    assert told[view > 128].mean() > 0.97
    assert told.mean() < 0.15 and max((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) < 0.02 * view.size


def test_a_straight_line_is_not_told_again_by_turned_looks():
    view, _ = drawn()
    straight, turned = (installed().build("detector", "dbnet", {"turns": turns}) for turns in ((), (22.5, 45.0, 67.5)))
    found = [each.detect([frame_of(view)], context())[0] for each in (straight, turned)]
    one, two = (rasterise([region.box for region in regions], view.shape) for regions in found)
    assert two[one].all() and two.sum() <= 1.02 * one.sum()


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.4, 0.5])
def test_letters_of_half_the_frame_are_covered(share):
    view = np.full((480, 640), 40, np.uint8)
    cv2.putText(
        view,
        "ANNA"[: 4 if share < 0.4 else 2],
        (40, 400),
        cv2.FONT_HERSHEY_SIMPLEX,
        share * 480 / 22,
        230,
        round(share * 60),
        cv2.LINE_AA,
    )
    regions = installed().build("detector", "retinanet").detect([frame_of(view)], context())[0]
    assert rasterise([region.box for region in regions], view.shape)[view > 150].mean() > 0.9


def test_rows_of_a_mosaic_are_no_letters():
    """Slices in rows look like huge letters from afar; the header says that they are tiles (Image Type, PS3.3 C.8.3.1.1.1)."""
    rng = np.random.default_rng(5)
    tile = cv2.GaussianBlur(rng.normal(0, 1, (56, 56)).astype(np.float32), (0, 0), 4)
    ellipse = np.zeros((56, 56), np.uint8)
    cv2.ellipse(ellipse, (28, 28), (18, 22), 0, 0, 360, 1, -1)
    view = np.tile(np.clip((120 + 400 * tile) * ellipse, 0, 255).astype(np.uint8), (8, 8))
    given = context()
    given.header.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
    assert installed().build("detector", "retinanet").detect([frame_of(view)], given)[0] == []
