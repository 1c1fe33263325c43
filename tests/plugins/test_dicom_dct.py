"""Blanking in the DCT domain: coefficients of all other MCUs stay, pixels differ nowhere beyond one chroma sample around."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import gdcm
import numpy as np
import pytest
from dicom_objects import Case, header
from PIL import Image
from pydicom.encaps import encapsulate

from deidkit.jpeg.huffman import Table, Unsuitable
from deidkit_dicom.codestream.dct import blank
from deidkit_dicom.codestream.jpeg_scan import read_scan_header
from deidkit_dicom.part10 import syntaxes as s

ROWS, COLUMNS = 203, 331
BOXES = [(50, 60, 120, 90), (299, 190, 331, 203), (0, 0, 9, 9)]
SAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2, "grey": None}
COLOUR = ("low", "middle", "middle")


def picture(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse, fine = (cv2.GaussianBlur(rng.normal(size=(ROWS, COLUMNS, 3)).astype(np.float32), (0, 0), width) for width in (9, 2))
    return np.clip(110 + 400 * coarse + 60 * fine + 4 * rng.normal(size=coarse.shape), 0, 255).astype(np.uint8)


def jpeg(sampling: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    made = picture() if SAMPLING[sampling] is not None else picture()[..., 0].copy()
    if SAMPLING[sampling] is not None:
        options["subsampling"] = SAMPLING[sampling]
    Image.fromarray(made).save(buffer, "JPEG", quality=85, **options)
    return buffer.getvalue()


def levels(sampling: str) -> tuple[str, ...]:
    return COLOUR if sampling != "grey" else ("low",)


def inside(boxes: list[tuple[int, int, int, int]] | tuple) -> np.ndarray:
    mask = np.zeros((ROWS, COLUMNS), bool)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    return mask


def by_gdcm(data: bytes, folder: Path) -> np.ndarray:
    grey = Image.open(io.BytesIO(data)).mode == "L"
    ds = header(Case(s.JPEG_BASELINE, "MONOCHROME2" if grey else "YBR_FULL_422"))
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.PixelData = encapsulate([data])
    ds["PixelData"].is_undefined_length = True
    ds.save_as(folder / "g.dcm", enforce_file_format=True)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(folder / "g.dcm"))
    assert reader.Read()
    raw = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    return np.frombuffer(raw, np.uint8).reshape(ROWS, COLUMNS, -1)


DECODERS: dict[str, Callable[[bytes, Path], np.ndarray]] = {
    "pillow": lambda data, _: np.asarray(Image.open(io.BytesIO(data))).reshape(ROWS, COLUMNS, -1),
    "opencv": lambda data, _: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED).reshape(ROWS, COLUMNS, -1),
    "gdcm": by_gdcm,
}


@pytest.mark.parametrize("options", [{}, {"optimize": True}, {"restart_marker_blocks": 7}, {"restart_marker_rows": 1}], ids=str)
@pytest.mark.parametrize("sampling", SAMPLING)
def test_three_decoders_agree_outside(sampling: str, options: dict[str, object], tmp_path: Path) -> None:
    before = jpeg(sampling, **options)
    after, changed = blank(before, BOXES, levels(sampling))
    outside, within = ~inside(changed), inside(BOXES)
    for name, decode in DECODERS.items():
        was, now = decode(before, tmp_path), decode(after, tmp_path)
        assert np.array_equal(was[outside], now[outside]), name
        black = (0, 128, 128) if name == "gdcm" and sampling != "grey" else (0,)
        assert (now[within] == black).all(), f"{name}: not black"
    across, down = {"4:2:2": (2, 0), "4:2:0": (2, 2)}.get(sampling, (0, 0))
    width, height = 8 * max(1, across) + 2 * across, 8 * max(1, down) + 2 * down
    for given, (x0, y0, x1, y1) in zip(BOXES, changed, strict=True):
        assert x1 - x0 <= given[2] - given[0] + 2 * width, "more than the touched MCUs"
        assert y1 - y0 <= given[3] - given[1] + 2 * height, "more than the touched MCUs"


def coefficients(data: bytes, folder: Path) -> list[np.ndarray]:
    """Quantised coefficients by a reader that is not ours, ``(block rows, block columns, 8, 8)`` for each component."""
    import jpeglib

    (folder / "c.jpg").write_bytes(data)
    found = jpeglib.read_dct(str(folder / "c.jpg"))
    return [found.Y, found.Cb, found.Cr] if found.has_chrominance else [found.Y]


@pytest.mark.parametrize("restart", [0, 5])
@pytest.mark.parametrize("sampling", SAMPLING)
def test_coefficients_of_all_other_mcus_are_identical(sampling: str, restart: int, tmp_path: Path) -> None:
    options = {"restart_marker_blocks": restart} if restart else {}
    before = jpeg(sampling, **options)
    after, _ = blank(before, BOXES, levels(sampling))
    head = read_scan_header(before)
    (width, height), (across, down) = head.mcu, head.reach
    touched = np.zeros(head.grid, bool)
    for x0, y0, x1, y1 in BOXES:
        top, left = max(0, y0 - down) // height, max(0, x0 - across) // width
        touched[top : -(-min(ROWS, y1 + down) // height), left : -(-min(COLUMNS, x1 + across) // width)] = True
    for index, (was, now) in enumerate(zip(coefficients(before, tmp_path), coefficients(after, tmp_path), strict=True)):
        component = head.components[index]
        blocks = np.repeat(np.repeat(touched, component.down, axis=0), component.across, axis=1)[: was.shape[0], : was.shape[1]]
        assert np.array_equal(was[~blocks], now[~blocks])
        assert not now[blocks].reshape(-1, 64)[:, 1:].any(), "AC coefficients left in a touched block"
    assert (after.count(b"\xff\xd0"), after[-2:]) == (before.count(b"\xff\xd0"), before[-2:])


def test_white_is_black_in_monochrome1() -> None:
    after, _ = blank(jpeg("grey"), BOXES, ("high",))
    assert np.asarray(Image.open(io.BytesIO(after)))[inside(BOXES)].min() == 255


def test_a_code_that_is_missing_is_added_without_changing_another() -> None:
    table = Table(bytes([0, 1, 1, *[0] * 13]), bytes([3, 4]))
    grown = table.with_symbol(11)
    assert {symbol: grown.codes()[symbol] for symbol in (3, 4)} == table.codes()
    assert grown.codes()[11][1] == 16
    full = Table(bytes([2, *[0] * 15]), bytes([0, 1]))
    with pytest.raises(Unsuitable):
        full.with_symbol(5)


@pytest.mark.parametrize("what", ["progressive", "cut", "damaged"])
def test_what_it_cannot_do_it_refuses(what: str) -> None:
    data = jpeg("4:2:0", progressive=True) if what == "progressive" else jpeg("4:2:0")
    if what == "cut":
        data = data[: len(data) // 2] + b"\xff\xd9"
    if what == "damaged":
        head = read_scan_header(data)
        data = data[: head.start] + b"\xff\x00" * 40 + data[head.start + 80 :]
    with pytest.raises(Unsuitable):
        blank(data, BOXES, COLOUR)


def test_the_result_is_a_clean_stream(tmp_path: Path) -> None:
    """No extraneous bytes, as djpeg would report them; skipped where it is not installed."""
    after, _ = blank(jpeg("4:2:0", restart_marker_blocks=7), BOXES, COLOUR)
    (tmp_path / "a.jpg").write_bytes(after)
    try:
        told = subprocess.run(["djpeg", "-outfile", "/dev/null", str(tmp_path / "a.jpg")], capture_output=True, check=False)
    except FileNotFoundError:
        image = Image.open(io.BytesIO(after))
        image.load()
        return
    assert told.stderr == b""
