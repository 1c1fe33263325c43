"""Every built-in component keeps the contract of its kind, here or in the tests of its plugin."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

from deidkit.registry import installed
from deidkit.testing import contracts


class TestDicom(contracts.FormatContract):
    @pytest.fixture
    def component(self):
        return installed().build("format", "dicom")


class TestRaster(contracts.FormatContract):
    @pytest.fixture
    def component(self):
        return installed().build("format", "raster")

    @pytest.fixture
    def files(self, tmp_path):
        colour = np.random.default_rng(0).integers(20, 230, (64, 80, 3)).astype(np.uint8)
        grey = Image.fromarray(np.linspace(100, 60_000, 64 * 80).reshape(64, 80).astype(np.uint16))
        Image.fromarray(colour).save(tmp_path / "colour.png")
        grey.save(tmp_path / "grey.png")
        Image.fromarray(colour).save(tmp_path / "photo.jpg", quality=90)
        pages = [Image.fromarray(colour), Image.fromarray(colour[::-1].copy())]
        pages[0].save(tmp_path / "pages.tif", save_all=True, append_images=pages[1:])
        return sorted(tmp_path.iterdir())


class TestDbnet(contracts.DetectorContract):
    @pytest.fixture
    def component(self):
        return installed().build("detector", "dbnet")


class TestRetinanet(contracts.DetectorContract):
    @pytest.fixture
    def component(self):
        return installed().build("detector", "retinanet")


class TestHeaderRules(contracts.ClassifierContract):
    @pytest.fixture
    def component(self):
        return installed().build("classifier", "modality", {"pixels": False})


class TestModality(contracts.ClassifierContract):
    # The network never saw these drawings: of CT and MR phantoms it is allowed to be unsure, which is what "strict" is for.
    knows: ClassVar = {"us": "US", "cr": "CR", "mg": "MG", "es": "ES"}

    @pytest.fixture
    def component(self):
        return installed().build("classifier", "modality")


class TestPolicy(contracts.PolicyContract):
    @pytest.fixture
    def component(self):
        return installed().build("policy", "policy")


class TestBlackbox(contracts.RedactorContract):
    @pytest.fixture
    def component(self):
        return installed().build("redactor", "blackbox")


class TestPs315(contracts.ScrubberContract):
    @pytest.fixture
    def component(self):
        return installed().build("scrubber", "ps315")


class TestRecheck(contracts.VerifierContract):
    catches = frozenset({"text-overlooked"})
    phantom_names = ("ct", "es")

    @pytest.fixture
    def component(self):
        return installed().build("verifier", "recheck")


class TestSweep(contracts.VerifierContract):
    catches = frozenset({"name-left-in-header", "id-left-in-header"})

    @pytest.fixture
    def component(self):
        return installed().build("verifier", "sweep")


def test_every_component_has_a_contract_test():
    texts = [path.read_text() for path in Path(__file__).parent.rglob("test_*.py")]
    kinds = set(contracts.BY_KIND)
    missing = [
        f"{component.kind} {component.name}"
        for component in installed().components()
        if component.kind in kinds
        and not any(f"{component.kind.capitalize()}Contract" in text and component.name in text for text in texts)
    ]
    assert missing == []
