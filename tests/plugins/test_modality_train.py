from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from deidkit.errors import UsageError
from deidkit_modality.training import data, report
from deidkit_modality.training.data import CLASSES, FOLDS, QUALITIES
from deidkit_modality.training.patterns import pattern, scene


def pool(folder: Path, images: int = 3) -> Path:
    """A tiny data folder: patterns and scenes that stand for classes."""
    (folder / "images").mkdir(parents=True)
    random = np.random.default_rng(0)
    rows = []
    for name, repo in (("CT", "a/one"), ("CT", "b/two"), ("US", "c/three"), ("DOC", "d/four"), ("MG", "e/five")):
        for number in range(images):
            file = f"{name}-{repo[0]}{number}.png"
            make = pattern if name == "CT" else scene
            cv2.imwrite(str(folder / "images" / file), make(48, 64, random))
            rows.append({"file": file, "class": name, "repo": repo, "group": f"{repo}#{number}", "licence": "CC0"})
    with (folder / "manifest.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_manifest_keeps_only_what_can_be_learned(tmp_path: Path) -> None:
    assert {row["class"] for row in data.read_manifest(pool(tmp_path))} == {"CT", "US", "DOC"}
    with pytest.raises(UsageError):
        data.read_manifest(tmp_path / "images")


def test_a_group_never_crosses_folds() -> None:
    rows = [{"class": "CT", "repo": f"r{i % 7}", "group": f"r{i % 7}#{i % 20}"} for i in range(140)]
    rows += [{"class": "CT", "repo": "big", "group": f"big#{i % 30}"} for i in range(300)]
    split = data.folds(rows)
    for key in ("group",):
        places: dict[str, set[int]] = {}
        for row, fold in zip(rows, split, strict=True):
            places.setdefault(row[key], set()).add(fold)
        assert all(len(found) == 1 for found in places.values())
    assert {fold for row, fold in zip(rows, split, strict=True) if row["repo"] == "big"} == set(range(FOLDS))
    assert len({fold for row, fold in zip(rows, split, strict=True) if row["repo"] == "r3"}) == 1


def test_drawing_is_the_same_for_one_seed_and_can_be_kept(tmp_path: Path) -> None:
    folder = pool(tmp_path / "pool", 1)
    rows = data.read_manifest(folder)
    samples, again = (data.draw(folder, rows, 2, seed=3) for _ in range(2))
    assert np.array_equal(samples.features, again.features)
    assert samples.original.sum() == len(rows)
    assert set(samples.quality) == set(range(len(QUALITIES)))
    data.save(samples, tmp_path / "kept.npz")
    kept = data.load(tmp_path / "kept.npz")
    assert kept is not None
    assert np.array_equal(kept.features, samples.features)
    assert data.load(tmp_path / "none.npz") is None


def test_figures_of_a_known_case() -> None:
    labels, guesses = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    table = report.confusion(labels, guesses, 2)
    assert table.tolist() == [[1, 1], [0, 2]]
    assert report.recalls(("a", "b"), table)["a"]["recall"] == 0.5
    assert report.area_under(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])) == 0.75
    assert report.interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    sure = np.array([[0.95, 0.05]] * 4)
    assert report.reliability(sure, np.array([0, 0, 1, 1]))["expected_calibration_error"] == pytest.approx(0.45)


@pytest.mark.needs("torch", "lightning", "safetensors", "onnx", "matplotlib")
def test_training_gives_weights_that_the_classifier_takes(tmp_path: Path) -> None:
    from deidkit_modality.network import PixelNetwork
    from deidkit_modality.training.train import Settings, train

    card = train(pool(tmp_path / "pool"), tmp_path / "out", Settings(copies=1, members=1, steps=3))
    facts = json.loads(card.read_text())
    assert facts["classes"] == list(CLASSES)
    assert facts["onnx_difference"] < 1e-4
    assert facts["data"]["licences"] == {"CC0": 12}
    opinion = PixelNetwork(tmp_path / "out").look(np.zeros((40, 50), np.uint8))
    assert opinion.classes.sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.needs("torch", "lightning", "torchvision", "onnx")
def test_variants_are_compared_on_held_out_images_and_the_simpler_of_equals_is_chosen() -> None:
    from deidkit_modality.training.stack import Held, compare

    label = np.array([0, 0, 1, 1, 2, 2])
    sure, torn = np.full((6, len(CLASSES)), 0.01), np.full((6, len(CLASSES)), 1 / len(CLASSES))
    sure[np.arange(6), label] = 1 - 0.01 * (len(CLASSES) - 1)
    drawn: list[int] = []

    def chosen(features: np.ndarray, images: np.ndarray) -> dict[str, object]:
        facts = compare(np.log(images), Held(features, label, label), lambda labels, _: drawn.append(len(labels)))
        return {"chosen": facts["chosen"], "weight": facts["image_weight"]}

    assert chosen(sure, torn) == {"chosen": "features", "weight": 0.0}
    assert chosen(sure, sure)["chosen"] == "features"
    assert chosen(torn, sure) == {"chosen": "efficientnet", "weight": 1.0}
    assert drawn == [6, 6, 6]


@pytest.mark.needs("torch", "lightning", "torchvision", "safetensors", "onnx")
def test_an_image_network_is_trained_kept_small_and_taken_up_again(tmp_path: Path) -> None:
    from deidkit.nn.onnx_runtime import OnnxNetwork
    from deidkit_modality.network import IMAGES
    from deidkit_modality.training import images as train_images
    from deidkit_modality.training import pictures as train_pictures
    from deidkit_modality.training.image_export import export
    from deidkit_modality.uniform import SIDE

    folder = pool(tmp_path / "pool", 1)
    rows = data.read_manifest(folder)
    made = {"ultrasound": lambda random, size: random.integers(0, 255, (size, size, 3), dtype=np.uint8)}
    pictures = train_pictures.draw(folder, rows, made, 1, share=0.02)
    assert pictures.original.sum() == len(rows)
    assert (pictures.source == data.MADE_UP).sum() == 3
    assert pictures.pixels.shape[1:] == (SIDE, SIDE, 3)
    chosen, weights = np.arange(len(pictures)), np.full(len(pictures), 1 / len(pictures))
    first = train_images.fit(pictures, chosen, weights, len(CLASSES), 2, 1, tmp_path / "one")
    again = train_images.fit(pictures, chosen, weights, len(CLASSES), 2, 1, tmp_path / "one")
    scores = train_images.logits(first, pictures.pixels[:4])
    assert np.allclose(scores, train_images.logits(again, pictures.pixels[:4]), atol=1e-5)
    assert export(first, tmp_path, pictures.pixels[:4]) < 0.05
    for suffix in ("onnx", "safetensors"):
        assert (tmp_path / f"{IMAGES}.{suffix}").stat().st_size < 9_000_000
    network = OnnxNetwork((tmp_path / f"{IMAGES}.onnx").read_bytes(), "")
    assert network.run(np.zeros((1, 3, SIDE, SIDE), np.float32))[0].shape == (1, len(CLASSES))
