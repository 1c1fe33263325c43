"""Barcodes and matrix codes: found at any angle, never kept, and decoded again in what was written."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import zxingcpp

from deidkit.imaging.boxes import rasterise
from deidkit.registry import installed
from deidkit.testing.contracts import DetectorContract, VerifierContract
from deidkit.testing.images import frame_of
from deidkit.types import Action, Region, Status
from deidkit_codes.detector import CodesDetector
from deidkit_codes.options import CodesOptions

CONTENT = {
    "Code39": "MRN4471902",
    "Code128": "MRN-4471902",
    "EAN13": "590123412345",
    "ITF": "44719023",
    "Codabar": "A4471902B",
    "QRCode": "DOE^JANE 4471902",
    "DataMatrix": "DOE^JANE 4471902",
    "PDF417": "DOE^JANE 4471902",
    "Aztec": "DOE^JANE 4471902",
}
LINEAR = ("Code39", "Code128", "EAN13", "ITF", "Codabar")
HEIGHT, SIDE = 40, 480


def symbol(kind, module, height=HEIGHT):
    """A code, white between its bars, without the empty space around it, and how much of that it needs."""
    made = zxingcpp.create_barcode(CONTENT[kind], getattr(zxingcpp.BarcodeFormat, kind))
    cells = np.array(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False))
    if kind in LINEAR:
        cells = np.repeat(cells[cells.shape[0] // 2][None], round(height / module), axis=0)
    fine = np.kron(cells, np.ones((8, 8), np.uint8))
    drawn = cv2.resize(fine, None, fx=module / 8, fy=module / 8, interpolation=cv2.INTER_AREA)
    return drawn, round((10 if kind in LINEAR else 4) * module)


def picture(kind, angle=0.0, module=2.0, blur=0.0, contrast=1.0, inverse=False):
    """A uint8 picture with a label with one code on texture, and the mask of the code itself."""
    drawn, quiet = symbol(kind, module)
    label = cv2.copyMakeBorder(drawn, quiet, quiet, quiet, quiet, cv2.BORDER_CONSTANT, value=255).astype(np.float32) / 255
    label = 0.5 + contrast * ((1 - label if inverse else label) - 0.5)
    rows, columns = label.shape
    there = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle, 1.0)
    there[:, 2] += (SIDE / 2 - columns / 2, SIDE / 2 - rows / 2)
    noise = cv2.GaussianBlur(np.random.default_rng(7).normal(0, 1, (SIDE, SIDE)), (0, 0), 4)
    ground = np.clip(90 + 60 * noise / noise.std(), 0, 255)
    on = cv2.warpAffine(np.ones_like(label), there, (SIDE, SIDE))
    made = ground * (1 - on) + 255 * on * cv2.warpAffine(label, there, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
    if blur:
        made = cv2.GaussianBlur(made, (0, 0), blur)
    ink = np.zeros_like(label)
    ink[quiet : rows - quiet, quiet : columns - quiet] = 1
    return np.clip(made, 0, 255).astype(np.uint8), cv2.warpAffine(ink, there, (SIDE, SIDE), flags=cv2.INTER_NEAREST) > 0


def covered_share(found, ink):
    return float((rasterise([region.box for region in found], ink.shape) & ink).sum() / ink.sum())


@pytest.fixture
def detect(context):
    detector = CodesDetector(CodesOptions())
    return lambda samples: detector.detect([frame_of(samples)], context())[0]


class TestDetector(DetectorContract):
    recall = 0.0  # text is for others

    @pytest.fixture
    def component(self):
        return installed().build("detector", "codes")


class TestVerifier(VerifierContract):
    @pytest.fixture
    def component(self):
        return installed().build("verifier", "codes")


@pytest.mark.parametrize("angle", [0, 10, 25, 45, 70, 90, 135])
@pytest.mark.parametrize("kind", CONTENT)
def test_every_kind_is_covered_whole_at_every_angle(detect, kind, angle):
    samples, ink = picture(kind, angle)
    assert covered_share(detect(samples), ink) >= 0.97


@pytest.mark.parametrize(
    "change",
    [{"module": 1.2}, {"blur": 1.0}, {"contrast": 0.3}, {"inverse": True}],
    ids=["60 % size", "blurred", "faint", "white on black"],
)
@pytest.mark.parametrize("kind", LINEAR)
def test_bars_that_are_hard_to_read_are_covered(detect, kind, change):
    samples, ink = picture(kind, 35, **change)
    assert covered_share(detect(samples), ink) >= 0.97


def test_bars_that_nothing_decodes_are_covered_and_can_be_left(detect, context):
    samples, ink = picture("Code128", 20, blur=2.0)
    assert zxingcpp.read_barcodes(samples) == []
    found = detect(samples)
    assert covered_share(found, ink) >= 0.9 and {region.score for region in found} == {0.9}
    assert CodesDetector(CodesOptions(undecoded=False)).detect([frame_of(samples)], context())[0] == []


def stripes():
    rows, columns = np.mgrid[:SIDE, :SIDE]
    noise = np.random.default_rng(1).normal(0, 8, (SIDE, SIDE))
    yield "a grid of even lines", 128 + 100 * np.sign(np.sin(columns / 2.5))
    yield "a ruler", np.where((columns % 12 < 2) & (rows > 200) & (rows < 220), 255, 20)
    yield "soft ripples", 128 + 60 * np.sin(columns / 4 + rows / 9) + noise
    yield "rings", 128 + 90 * np.sin(np.hypot(rows - 240, columns - 240) / 3)
    yield "noise", 128 + 6 * noise


@pytest.mark.parametrize(("name", "values"), list(stripes()), ids=lambda value: value if isinstance(value, str) else "")
def test_what_only_looks_like_bars_is_left(detect, name, values):
    assert detect(np.clip(values, 0, 255).astype(np.uint8)) == []


def test_boxes_of_a_leaning_code_cover_little_else(detect):
    samples, ink = picture("Code39", 45)
    assert rasterise([region.box for region in detect(samples)], ink.shape).sum() <= 3 * ink.sum()


def test_what_is_decoded_in_the_whole_picture_alone_counts(detect, monkeypatch):
    """A field of bars that is neither decoded nor sure hides nothing that was decoded."""
    monkeypatch.setattr("deidkit_codes.reading._decodes", lambda picture, field: False)
    monkeypatch.setattr("deidkit_codes.reading._sure", lambda bars: False)
    samples, ink = picture("Code128")
    found = detect(samples)
    assert covered_share(found, ink) >= 0.97 and {region.score for region in found} == {1.0}


def test_what_a_code_says_is_nowhere(detect):
    found = detect(picture("QRCode")[0])
    assert found and {(region.kind, region.text) for region in found} == {("code", "")}


def test_a_code_is_never_kept(context):
    """Not even below text that is kept, or with a word of a kept class as its reading."""
    policy = installed().build("policy", "policy", {"keep": ["laterality", "technical"]})
    box = (10, 10, 60, 30)
    code = Region(box, 1.0, "codes", kind="code", text="")
    around = Region((8, 8, 62, 32), 0.99, "rapidocr", text="LEFT", text_score=0.99)
    decided = policy.decide([code, around, replace(code, text="LEFT", text_score=1.0)], context())
    assert [region.action for region in decided] == [Action.REDACT, Action.KEEP, Action.REDACT]
    assert decided[0].kind == "code"


class TestLeft:
    """A code in a written file fails it, whatever frame it is in."""

    @pytest.fixture
    def verify(self, tmp_path, context):
        contract = VerifierContract()
        verifier = installed().build("verifier", "codes")

        def run(*frames):
            case = contract.case(tmp_path, context, "ct")
            return verifier.verify(replace(case, after=Shown(frames)))

        return run

    @pytest.mark.parametrize("kind", CONTENT)
    def test_a_code_left_fails_with_its_place_and_no_content(self, verify, kind):
        samples, ink = picture(kind, 30)
        [check] = verify(np.full_like(samples, 9), samples)
        rows, columns = np.nonzero(ink)
        assert check.status is Status.FAILED and check.measured["frame"] == 1.0
        assert check.measured["x0"] <= columns.mean() <= check.measured["x1"]
        assert check.measured["y0"] <= rows.mean() <= check.measured["y1"]
        assert "4471902" not in repr(check)

    def test_no_code_passes(self, verify):
        assert [check.status for check in verify(np.zeros((64, 64), np.uint8))] == [Status.PASSED]


class Shown:
    """The frames of an opened file."""

    def __init__(self, frames):
        self._frames = frames
        self.frame_count = len(frames)

    def frames(self):
        return (frame_of(samples, index) for index, samples in enumerate(self._frames))
