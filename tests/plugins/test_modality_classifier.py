from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import Dataset
from pydicom import uid as uids

import deidkit_modality
from deidkit.errors import EnvironmentFault
from deidkit.image import Frame
from deidkit.profiles.schema import LABELS
from deidkit.registry import Registry
from deidkit_modality.combine import AGREES, CAPTURES
from deidkit_modality.network import WEIGHTS, Opinion, PixelNetwork
from deidkit_modality.training.patterns import pattern, scene


class Shown:
    """An image of given display views."""

    path = Path("x")
    carriers = ()
    is_picture = True

    def __init__(self, *views: np.ndarray, header: Dataset | None = None) -> None:
        self.header = header or Dataset()
        self.frame_count = len(views)
        self._views = views

    def frame(self, index: int) -> Frame:
        view = self._views[index]
        return Frame(index, view.shape[:2], lambda: view, {"default": lambda samples: samples}, lambda _: (0,))

    def frames(self) -> Iterator[Frame]:
        return (self.frame(index) for index in range(self.frame_count))


def page(rows: int = 900, columns: int = 700) -> np.ndarray:
    """Black lines of letters on white."""
    out = np.full((rows, columns, 3), 255, np.uint8)
    for y in range(60, rows - 40, 18):
        cv2.putText(out, "the quick brown fox jumps over the lazy dog again and again", (50, y), 0, 0.42, (0, 0, 0), 1, 16)
    return out


def build(**options: object):
    return Registry.of({"modality": deidkit_modality}).build("classifier", "modality", options)


def test_a_page_is_a_capture_whatever_its_header_says() -> None:
    assert build().classify(Shown(page())).kind.value == "capture"
    header = Dataset()
    header.SOPClassUID, header.Modality = uids.DigitalMammographyXRayImageStorageForPresentation, "MG"
    assert build().classify(Shown(page(), header=header)).conflict


def test_what_shows_no_patient_is_of_bad_quality() -> None:
    random = np.random.default_rng(11)
    classify = build().classify
    assert classify(Shown(np.zeros((200, 300), np.uint8))).quality.value in {"empty", "dark"}
    assert classify(Shown(np.full((300, 300), 255, np.uint8))).quality.value in {"empty", "bright"}
    found = [classify(Shown(make(300, 400, random))).quality.value for make in (pattern, scene) for _ in range(5)]
    assert found == ["pattern"] * 5 + ["not_medical"] * 5


def test_the_answer_is_the_same_every_time_and_probabilities_are_whole() -> None:
    view = np.random.default_rng(2).integers(0, 256, (300, 300), dtype=np.uint8)
    network = PixelNetwork()
    first, again = network.look(view), network.look(view)
    assert np.array_equal(first.classes, again.classes)
    assert first.classes.sum() == pytest.approx(1, abs=1e-5)
    assert first.qualities.sum() == pytest.approx(1, abs=1e-5)


def test_the_threshold_makes_unsure() -> None:
    assert build(threshold=1.0).classify(Shown(page())).kind.value is None
    assert build(pixels=False).classify(Shown(page())).kind.value is None


def test_objects_without_frames_go_by_their_header_alone() -> None:
    header = Dataset()
    header.SOPClassUID, header.Modality = uids.BasicTextSRStorage, "SR"
    labels = build().classify(Shown(header=header))
    assert (labels.kind.value, labels.quality.value) == ("sr", None)


def test_samples_that_are_no_picture_are_not_looked_at() -> None:
    header = Dataset()
    header.SOPClassUID, header.Modality = uids.SegmentationStorage, "SEG"
    image = Shown(page(), header=header)
    image.is_picture = False
    labels = build().classify(image)
    assert (labels.kind.value, labels.quality.value, labels.conflict) == ("seg", None, False)


def test_labels_come_from_the_vocabularies_that_profiles_are_checked_against() -> None:
    network = PixelNetwork()
    assert set(network.classes) == set(AGREES) | CAPTURES
    assert set(AGREES) <= set(LABELS["modality"] or ())
    assert set(network.qualities) == set(LABELS["quality"] or ())


def test_the_card_vouches_for_the_weights(tmp_path: Path) -> None:
    card = json.loads((WEIGHTS / "modality.card.json").read_text())
    assert card["limits"]
    assert card["data"]["licences"]
    assert card["validation"]["qualities"]["good_refused"] <= 0.02
    assert min(card["validation"]["qualities"]["bad_found"].values()) >= 0.95
    assert all((WEIGHTS / name).stat().st_size < 9e6 for name in card["files"])
    shutil.copytree(WEIGHTS, tmp_path / "weights")
    with (tmp_path / "weights" / "modality.onnx").open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"\1\2\3")
    with pytest.raises(EnvironmentFault, match="SHA-256"):
        PixelNetwork(tmp_path / "weights")


def test_a_screen_has_to_be_surer_than_other_classes() -> None:
    network = PixelNetwork()
    shares = np.zeros(len(network.classes), np.float32)
    at = {name: index for index, name in enumerate(network.classes)}
    shares[at["screen"]], shares[at["US"]] = 0.8, 0.2
    opinion = Opinion(shares, np.ones(len(network.qualities)))
    assert network.label(opinion).value is None
    assert network.suspects_capture(opinion)
    shares[at["screen"]], shares[at["US"]] = 0.2, 0.8
    assert network.label(opinion).value == "US"
    assert not network.suspects_capture(opinion)
    shares[at["screen"]], shares[at["US"]] = 0.99, 0.01
    assert network.label(opinion).value == "screen"
