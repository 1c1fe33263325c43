"""The formats and the redactor keep the contracts of their kinds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from dicom_objects import Case, write
from PIL import Image

from deidkit.registry import installed
from deidkit.testing import contracts
from deidkit_dicom.part10 import syntaxes as s


class TestDicom(contracts.FormatContract):
    @pytest.fixture
    def component(self):
        return installed().build("format", "dicom")


class TestCompressedDicom(contracts.FormatContract):
    @pytest.fixture
    def component(self):
        return installed().build("format", "dicom")

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        cases = [
            Case(s.RLE, "RGB", frames=2),
            Case(s.JPEGLS, "MONOCHROME2", 16, 12, signed=True),
            Case(s.J2K_LOSSLESS, "YBR_RCT"),
            Case(s.DEFLATED_LE, "PALETTE COLOR"),
            Case(s.EXPLICIT_BE, "RGB", planar=1, frames=3),
        ]
        return [write(case, tmp_path / f"{index}.dcm") for index, case in enumerate(cases)]


class TestRaster(contracts.FormatContract):
    @pytest.fixture
    def component(self):
        return installed().build("format", "raster")

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        rng = np.random.default_rng(5)
        grey = rng.integers(0, 255, (80, 96), np.uint8)
        Image.fromarray(grey).save(tmp_path / "grey.png")
        Image.fromarray(rng.integers(0, 255, (80, 96, 4), np.uint8)).save(tmp_path / "alpha.png")
        Image.fromarray(grey).convert("P").save(tmp_path / "palette.png")
        tifffile.imwrite(tmp_path / "pages.tif", rng.integers(0, 65535, (3, 80, 96), np.uint16), photometric="minisblack")
        tifffile.imwrite(tmp_path / "deep.tif", rng.integers(0, 65535, (80, 96, 3), np.uint16), photometric="rgb")
        return sorted(tmp_path.iterdir())


class TestBlackbox(contracts.RedactorContract):
    @pytest.fixture
    def component(self):
        return installed().build("redactor", "blackbox", {"margin_px": 2})


class TestCatalog(contracts.DetectorContract):
    """It finds nothing in phantoms, which no catalogue knows; what it does find is tested by itself."""

    recall = 0.0

    @pytest.fixture
    def component(self):
        return installed().build("detector", "catalog")
