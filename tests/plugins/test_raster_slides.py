"""Slide-like TIFF: the slide's label never leaves. Images in several sizes stay so, or are quarantined with a true reason."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pydicom import Dataset

from deidkit.errors import UnsupportedFile
from deidkit.limits import Limits
from deidkit.types import Edit, Patch
from deidkit_raster.format import RasterFormat
from deidkit_raster.image import RasterImage
from deidkit_raster.options import RasterOptions
from deidkit_recheck.raster_rendering import RasterRendering

FORMAT = RasterFormat(RasterOptions())
RNG = np.random.default_rng(5)
WHOLE = RNG.integers(30, 255, (256, 384, 3), np.uint8)
HALF, QUARTER = WHOLE[::2, ::2].copy(), WHOLE[::4, ::4].copy()
LABEL, MACRO = RNG.integers(0, 255, (97, 120, 3), np.uint8), RNG.integers(0, 255, (60, 200, 3), np.uint8)
TILED = {"tile": (64, 64)}
COPY = {**TILED, "subfiletype": 1}
APERIO = "Aperio Image Library v11.2.1\r\n"
BASE = APERIO + "384x256 [0,0 384x256] (64x64) JPEG/RGB Q=30|AppMag = 20|Filename = Zwetschgenbaum"
Pages = Sequence[tuple[np.ndarray, dict]]


def tiff(path: Path, pages: Pages, **options: object) -> Path:
    with tifffile.TiffWriter(path, **options) as writer:
        for samples, fields in pages:
            writer.write(samples, photometric="rgb", metadata=None, **fields)
    return path


def opened(path: Path) -> RasterImage:
    return FORMAT.open(path, Limits())


LABELLED = {
    "Aperio label": [
        (WHOLE, TILED | {"description": BASE}),
        (LABEL, {"subfiletype": 1, "description": APERIO + "label 120x97"}),
    ],
    "Aperio macro": [
        (WHOLE, TILED | {"description": BASE}),
        (MACRO, {"subfiletype": 9, "description": APERIO + "macro 200x60"}),
    ],
    "macro flag alone": [(WHOLE, TILED), (MACRO, {"subfiletype": 9})],
    "Hamamatsu macro": [(WHOLE, {}), (MACRO, {"extratags": [(65421, 11, 1, -1.0, True)]})],
    "Philips label": [
        (WHOLE, TILED | {"description": '<DataObject ObjectType="DPUfsImport">'}),
        (LABEL, {"description": "Label"}),
    ],
    "Ventana": [(LABEL, {"description": "Label Image"}), (WHOLE, TILED | {"description": "<iScan>"})],
    "page name": [(WHOLE, TILED | {"subifds": 1}), (HALF, COPY), (LABEL, {"extratags": [(285, 2, None, "macro", True)]})],
    "OME": [(WHOLE, TILED | {"subifds": 1, "description": '<OME><Image Name="label image"/></OME>'}), (HALF, COPY)],
    "same shape as the slide": [(WHOLE, TILED | {"description": BASE}), (HALF, {"description": APERIO + "Macro 192x128"})],
}


@pytest.mark.parametrize("kind", LABELLED)
def test_labels_and_macros_are_quarantined(kind: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match="slide-label"):
        opened(tiff(tmp_path / "a.tif", LABELLED[kind]))


UNCLEAR = {
    "an unnamed page": [(WHOLE, TILED | {"description": BASE}), (HALF, TILED), (LABEL, {"description": APERIO})],
    "a thumbnail of another shape": [(WHOLE, {}), (LABEL, {"subfiletype": 1})],
    "a copy below of another shape": [(WHOLE, TILED | {"subifds": 1}), (LABEL, COPY)],
    "two copies of one size": [(WHOLE, TILED), (HALF, COPY), (HALF, COPY)],
    "a copy of one page of two": [(WHOLE, TILED), (WHOLE, TILED), (HALF, COPY)],
    "the macro comes first": [
        (MACRO, TILED | {"description": '<scn xmlns="http://www.leica-microsystems.com/scn">'}),
        (WHOLE, TILED),
    ],
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_pages_that_nobody_can_place_are_quarantined(kind: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFile, match="slide-pages-unclear"):
        opened(tiff(tmp_path / "a.tif", UNCLEAR[kind]))


def test_directories_that_readers_do_not_find_are_refused(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", [(WHOLE, TILED | {"subifds": 1}), (HALF, COPY), (WHOLE, TILED)])
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        below, second = file.pages[0].subifds[0], file.pages[1].offset
        entries = int.from_bytes(data[below : below + 2], "little")
    data[below + 2 + 12 * entries : below + 6 + 12 * entries] = second.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(UnsupportedFile, match="pyramid-unsupported"):
        opened(path)


PYRAMIDS = {
    "pages": ([(WHOLE, TILED), (HALF, COPY), (QUARTER, COPY)], {}),
    "directories below": ([(WHOLE, TILED | {"subifds": 2}), (HALF, COPY), (QUARTER, COPY)], {}),
    "BigTIFF": ([(WHOLE, TILED | {"subifds": 2}), (HALF, COPY), (QUARTER, COPY)], {"bigtiff": True}),
    "deflated": ([(WHOLE, COPY | {"compression": "zlib", "subfiletype": 0}), (HALF, COPY | {"compression": "zlib"})], {}),
    "two images": (
        [(WHOLE, TILED | {"subifds": 1}), (HALF, COPY), (WHOLE[::-1], TILED | {"subifds": 1}), (HALF[::-1], COPY)],
        {},
    ),
    "Aperio without label": (
        [(WHOLE, TILED | {"description": BASE}), (QUARTER, {"description": APERIO}), (HALF, TILED | {"description": APERIO})],
        {},
    ),
    "thumbnail": ([(WHOLE, {}), (QUARTER, {"subfiletype": 1})], {}),
}


def structure(path: Path) -> list[tuple]:
    """Shape, tiles and number of directories below of each page, and the same of these."""
    with tifffile.TiffFile(path) as file:
        pages = [(page, [*page.pages] if page.subifds else []) for page in file.pages]
        return [(p.shape, p.is_tiled, p.tile, [(b.shape, b.is_tiled, b.is_reduced) for b in below]) for p, below in pages]


@pytest.mark.parametrize("kind", PYRAMIDS)
def test_a_pyramid_stays_a_pyramid_and_is_blanked_in_all_sizes(kind: str, tmp_path: Path) -> None:
    pages, options = PYRAMIDS[kind]
    path = tiff(tmp_path / "a.tif", pages, **options)
    image = opened(path)
    assert [frame.samples.tobytes() for frame in image.frames()] == [samples.tobytes() for samples, _ in pages]
    for edited in range(-1, image.frame_count):
        out = tmp_path / f"out{edited}.tif"
        box = (8, 8, 24, 20)
        masks = FORMAT.save(image, Dataset(), [Edit(edited, (Patch(box),), "test")] if edited >= 0 else [], out)
        assert structure(out) == structure(path)
        assert b"Zwetschgenbaum" not in out.read_bytes()
        again = opened(out)
        assert again.surplus(0) == ""
        assert again.tiff.images == image.tiff.images
        with closing(RasterRendering(out)) as rendering:
            assert rendering.frame_count == image.frame_count
            assert not any(shown.differing(again.frame(index).view()) for index, shown in enumerate(rendering.frames()))
        mine = next((images for images in image.tiff.images if edited in images), [])
        assert sorted(masks) == sorted(mine)
        for index, frame in enumerate(again.frames()):
            wanted = image.frame(index).samples.copy()
            for x0, y0, x1, y1 in masks.get(index, ()):
                wanted[y0:y1, x0:x1] = 0
            assert np.array_equal(frame.samples, wanted)
        for index in mine:
            scale = image.shape(index)[0] / image.shape(edited)[0]
            x0, y0, x1, y1 = (round(side * scale) for side in box)
            assert not again.frame(index).samples[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].any()


def test_pages_of_different_sizes_are_no_pyramid(tmp_path: Path) -> None:
    """A scanned document, whatever its pages are called."""
    image = opened(tiff(tmp_path / "a.tif", [(WHOLE, {"description": "label"}), (LABEL, {})]))
    assert image.frame_count == 2
    assert image.tiff.images == [[0], [1]]
    FORMAT.save(image, Dataset(), [], tmp_path / "b.tif")
    assert structure(tmp_path / "b.tif") == structure(tmp_path / "a.tif")


def test_tiles_stay_tiles_and_turn_with_their_page(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", [(WHOLE, {"tile": (64, 128), "extratags": [(274, 3, 1, 6, True)]})])
    image = opened(path)
    FORMAT.save(image, Dataset(), [], tmp_path / "b.tif")
    assert structure(tmp_path / "b.tif") == [((384, 256, 3), True, (128, 64), [])]
    assert np.array_equal(tifffile.imread(tmp_path / "b.tif"), np.rot90(WHOLE, -1))
