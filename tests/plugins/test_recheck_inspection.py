"""Frames that are no picture are read: what spells a word is told from what only looks like letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom import Dataset
from storage_classes import header_only, with_pixels

from deidkit.image import Frame
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.testing import contracts
from deidkit.types import Case, Check, Context, Identifier, Identifiers, Status
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.image import DicomImage
from deidkit_dicom.options import DicomOptions
from deidkit_recheck.cuttings import may_hold, readable
from deidkit_recheck.sheets import SIDE, sheets

MAP = "1.2.840.10008.5.1.4.1.1.30"
CLASSES = {"BINARY": "1.2.840.10008.5.1.4.1.1.66.4", "LABELMAP": "1.2.840.10008.5.1.4.1.1.66.7"}
CLASSES["FRACTIONAL"] = CLASSES["BINARY"]
Y, X = np.mgrid[:128, :128]


class TestInspection(contracts.VerifierContract):
    catches = frozenset({"text-overlooked"})
    phantom_names = ("ct",)

    @pytest.fixture
    def component(self) -> Any:
        return installed().build("verifier", "inspection")


@pytest.fixture(scope="module")
def inspection() -> Any:
    return installed().build("verifier", "inspection")


@dataclass(frozen=True)
class Frames:
    """Frames that are no picture, what their segmentation says they are, and the plane of each."""

    frames: Sequence[np.ndarray]
    kind: str = ""
    planes: Sequence[int] = ()

    def opened(self, folder: Path) -> DicomImage:
        made = with_pixels(header_only(CLASSES.get(self.kind, MAP), 1), np.stack(self.frames))
        if self.kind:
            made.SegmentationType = self.kind
        made.PerFrameFunctionalGroupsSequence = [_group(plane) for plane in self.planes]
        made.save_as(folder / "in.dcm", enforce_file_format=True)
        return DicomFormat(DicomOptions()).open(folder / "in.dcm", Limits())


def _group(plane: int) -> Dataset:
    made, position = Dataset(), Dataset()
    position.ImagePositionPatient = [0, 0, plane]
    made.PlanePositionSequence = [position]
    return made


def ellipse(cy: int, cx: int, ry: int, rx: int) -> np.ndarray:
    return ((Y - cy) / ry) ** 2 + ((X - cx) / rx) ** 2 <= 1


def ring(cy: int, cx: int, r: int) -> np.ndarray:
    return ellipse(cy, cx, r, r) & ~ellipse(cy, cx, r - 4, r - 4)


SHAPES = {
    "lesion": ellipse(60, 64, 4, 4),
    "organ": ellipse(64, 60, 30, 42),
    "ring": ring(64, 64, 22),
    "row of lesions": np.logical_or.reduce([ellipse(50 + n % 2, 20 + 13 * n, 5, 5 - n % 2) for n in range(8)]),
    "row of rings": np.logical_or.reduce([ring(64, 20 + 22 * n, 10) for n in range(5)]),
    "row of rods": np.logical_or.reduce([(abs(X - 20 - 9 * n) < 2) & (abs(Y - 60) < 12 + n % 3) for n in range(9)]),
    "kidneys": ellipse(70, 35, 20, 10) | ellipse(70, 93, 20, 10),
    "speckle": np.random.default_rng(3).random((128, 128)) < 0.1,
    "vessels": np.cos(X / 3.0) + np.sin(Y / 4.0) + np.cos((X + Y) / 7.0) > 1,
}


def written(text: str = "QUILL MARTA", rows: int = 120, columns: int = 420, thick: int = 3) -> np.ndarray:
    """A mask of the strokes of a text."""
    mask = np.zeros((rows, columns), np.uint8)
    cv2.putText(mask, text, (20, rows - 40), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 1, thick)
    return mask


def checked(inspection: Any, frames: Frames, told: Callable[..., Context], folder: Path, **known: Identifiers) -> list[Check]:
    image = frames.opened(folder)
    context = told(image.header, seconds=240.0, **known)
    checks: list[Check] = inspection.verify(Case(image, image, image.path, {}, {}, (), context))
    return checks


def passes(inspection: Any, frames: Frames, told: Callable[..., Context], folder: Path) -> bool:
    return all(check.status is Status.PASSED for check in checked(inspection, frames, told, folder))


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_no_words(name: str, inspection: Any, context: Callable[..., Context], tmp_path: Path) -> None:
    mask = SHAPES[name].astype(np.uint8)
    assert passes(inspection, Frames([mask, np.roll(mask, 5), mask[::-1]], "BINARY"), context, tmp_path)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_strokes_that_spell_a_name(
    quarters: int, mirrored: bool, inspection: Any, context: Callable[..., Context], tmp_path: Path
) -> None:
    mask = np.rot90(written()[:, ::-1] if mirrored else written(), quarters)
    nothing = np.zeros_like(mask)
    assert not passes(inspection, Frames([nothing, mask, nothing], "BINARY"), context, tmp_path)


def cut_out() -> np.ndarray:
    plate = np.zeros((200, 460), np.uint8)
    plate[20:180, 10:450] = 1
    plate[50:170, 20:440] -= written()
    return plate


INK = written()
LETTERS = cv2.connectedComponents(INK)[1].astype(np.uint8)
RAMP = np.indices(INK.shape).sum(axis=0)
PLATE = np.pad(np.ones((110, 410), np.uint8), 5)
HIDDEN = {
    "cut out of a shape": Frames([cut_out()], "BINARY"),
    "each letter a segment of one plane": Frames(
        [(n == LETTERS).astype(np.uint8) for n in range(1, LETTERS.max() + 1)], "BINARY", [7] * LETTERS.max()
    ),
    "each letter a label": Frames([LETTERS], "LABELMAP"),
    "letters on a label": Frames([np.where(LETTERS, LETTERS, np.uint8(200)) * PLATE], "LABELMAP"),
    "one label among others": Frames([np.where(INK, np.uint16(3000), (RAMP // 20).astype(np.uint16))], "LABELMAP"),
    "in a fraction of its range": Frames([np.asarray(INK * 100 + RAMP // 8, np.uint8)], "FRACTIONAL"),
    "faint in a map": Frames([(RAMP / 540 + 0.05 * INK).astype(np.float32)]),
    "not a number": Frames([np.where(INK, np.nan, 1.0)]),
    "beside values far away": Frames([np.pad(INK * 1e-3, ((0, 4), (0, 0)), constant_values=1e30)]),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_words_wherever_samples_can_hold_them(
    name: str, inspection: Any, context: Callable[..., Context], tmp_path: Path
) -> None:
    read, rendering = checked(inspection, HIDDEN[name], context, tmp_path)
    assert (read.name, read.status) == ("inspection", Status.FAILED)
    assert (rendering.name, rendering.status) == ("rendering", Status.PASSED)
    assert "quill" not in repr(read).lower()


def test_an_identifier_counts_though_it_is_no_word(inspection: Any, context: Callable[..., Context], tmp_path: Path) -> None:
    frames = Frames([written("PX77120")], "BINARY")
    assert checked(inspection, frames, context, tmp_path)[0].measured["known"] == 0.0
    known = Identifiers(frozenset({Identifier("id", "PatientID", "PX77120")}))
    read = checked(inspection, frames, context, tmp_path, identifiers=known)[0]
    assert (read.status, read.measured["known"]) == (Status.FAILED, 1.0)


def test_samples_that_another_library_shows_otherwise(
    inspection: Any, context: Callable[..., Context], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = Frames([SHAPES["organ"].astype(np.uint8)], "BINARY")
    load = DicomImage.frame

    def blank(image: DicomImage, index: int) -> Frame:
        true = load(image, index)
        return Frame(index, true.shape, lambda: true.samples * 0, {"default": lambda shown: shown}, lambda _: (0,))

    monkeypatch.setattr(DicomImage, "frame", blank)
    read, rendering = checked(inspection, frames, context, tmp_path)
    assert (read.status, rendering.status) == (Status.PASSED, Status.FAILED)


def cuttings(frames: Frames, told: Callable[..., Context], folder: Path) -> list[np.ndarray]:
    return list(readable(frames.opened(folder), 4, told(Dataset(), seconds=60.0).deadline))


def test_hundreds_of_frames_lie_on_few_sheets(context: Callable[..., Context], tmp_path: Path) -> None:
    organ = [ellipse(64, 60 + n % 9, 20 + n % 13, 30 + n % 17).astype(np.uint8) for n in range(400)]
    assert cuttings(Frames(organ, "BINARY"), context, tmp_path) == []
    rings = [np.roll(SHAPES["row of rings"], n % 60, axis=0).astype(np.uint8) for n in range(400)]
    assert len(cuttings(Frames(rings, "BINARY"), context, tmp_path)) <= 16
    specks = [(np.random.default_rng(n).random((32, 32)) < 0.3).astype(np.uint8) for n in range(400)]
    cut = cuttings(Frames(specks, "BINARY"), context, tmp_path)
    assert len(cut) >= 400
    assert 1 <= len(list(sheets(cut))) <= 8


def test_a_frame_larger_than_a_sheet_is_read_in_parts_and_as_a_whole(context: Callable[..., Context], tmp_path: Path) -> None:
    large = np.zeros((2000, 2600), np.uint8)
    large[900:1020, 1500:1920] = written()
    large[100:800, 100:2500:300] = 1
    pieces = cuttings(Frames([large], "BINARY"), context, tmp_path)
    assert max(max(piece.shape) for piece in pieces) <= SIDE
    x, y, width, height = cv2.boundingRect(written())
    text = written()[y : y + height, x : x + width] * np.uint8(255)
    roomy = [piece for piece in pieces if piece.shape[0] >= text.shape[0] and piece.shape[1] >= text.shape[1]]
    assert any((cv2.matchTemplate(piece, text, cv2.TM_CCOEFF_NORMED) > 0.99).any() for piece in roomy)


@pytest.mark.parametrize("far", [0, 1 << 20])
def test_labels_lie_where_they_lie_in_frames_of_several_bands(
    far: int, context: Callable[..., Context], tmp_path: Path
) -> None:
    frame = np.zeros((1100, 1000), np.uint32)
    for number, top in enumerate((60, 980), 1):
        frame[top : top + 100, 400:820] = np.where(written()[:100], 3000 * number, 0)
    frame[0, 0] = far
    pieces = cuttings(Frames([frame], "LABELMAP"), context, tmp_path)
    width, height = cv2.boundingRect(written()[:100])[2:]
    assert any(piece.shape == (height, width) for piece in pieces)
    assert all(piece.any() for piece in pieces)


@pytest.mark.parametrize(("text", "holds"), [("QUIL", True), ("lill", True), ("il", False)])
def test_a_word_crosses_as_many_strokes_as_it_has_letters(text: str, holds: bool) -> None:
    assert may_hold(written(text), 4) == holds
    assert may_hold(np.rot90(written(text)).copy(), 4) == holds
