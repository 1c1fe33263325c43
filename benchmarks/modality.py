"""What the modality classifier and the quality gate reach on real images that nothing was trained on.

    python benchmarks/modality.py ../shared/data/images

IMAGES holds truth.json with clean/ and text/. Three parts: pixels alone, as if every header had been stripped; header and
pixels with the built-in profiles, where a profile that is neither the right one nor as strict as ``strict`` counts as weaker;
and the quality gate, on clean images as they are and ruined by blur, brightness or both.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from deidkit.errors import ItemError
from deidkit.image import Image
from deidkit.item import reading
from deidkit.limits import Limits
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.selection import choose
from deidkit.registry import installed
from deidkit.types import Label, Labels
from deidkit_modality.classifier import ModalityClassifier
from deidkit_modality.network import PixelNetwork
from deidkit_modality.options import ModalityOptions
from deidkit_modality.training.augment import SPOILERS
from deidkit_modality.training.patterns import pattern, scene
from deidkit_modality.training.report import interval

COUNTED = ("US", "CR", "MR", "CT")
"""Classes with at least eight images; the others are listed only."""
SEEN_AS = {"DX": "CR", "ES": "XC", "OP": "XC", "SC": "screen"}
KINDS = {"SC": "capture"}


@dataclass(frozen=True, slots=True)
class Sample:
    file: str
    modality: str
    clean: bool
    image: Image


def samples(root: Path) -> Iterator[Sample]:
    registry, limits = installed(), Limits()
    formats = {name: registry.build("format", name) for name in registry.names("format")}
    for entry in json.loads((root / "truth.json").read_text()).values():
        try:
            image = reading.read(root / entry["file"], formats, limits)[1]
        except ItemError as error:
            print(f"not read: {entry['file']} {error.code}")
            continue
        yield Sample(entry["file"], entry["modality"], entry["file"].startswith("clean/"), image)


class Stripped:
    """An image without its header."""

    def __init__(self, image: Image) -> None:
        self.header, self.frame, self.frame_count = Dataset(), image.frame, image.frame_count
        self.is_picture = image.is_picture


def share(hits: int, of: int) -> str:
    low, high = interval(hits, of)
    return f"{hits} of {of} ({100 * hits / max(1, of):.1f} %, {100 * low:.1f} to {100 * high:.1f})"


def pixels_alone(answers: list[tuple[Sample, str]]) -> None:
    """``answers``: what the classifier says of each image without its header."""
    print("headers stripped")
    table: dict[str, Counter[str]] = {}
    for sample, seen in answers:
        table.setdefault(SEEN_AS.get(sample.modality, sample.modality), Counter())[seen] += 1
    both: dict[str, list[float]] = {"unsure counted as missed": [], "of the sure ones": []}
    for name, row in sorted(table.items(), key=lambda item: -item[1].total()):
        sure = row.total() - row["unsure"]
        others = ", ".join(f"{count} {seen}" for seen, count in row.most_common() if seen != name)
        print(f"  {name:7s} {share(row[name], row.total()):38s} of sure {share(row[name], sure):38s} {others}")
        if name in COUNTED:
            both["unsure counted as missed"].append(row[name] / row.total())
            both["of the sure ones"].append(row[name] / max(1, sure))
    for name, recalls in both.items():
        print(f"  balanced accuracy over {', '.join(COUNTED)}, {name}: {100 * np.mean(recalls):.1f} %")
    print(f"  unsure: {share(sum(row['unsure'] for row in table.values()), len(answers))}")
    wrong = [sample.file for sample, seen in answers if sample.modality in COUNTED and seen in {"capture", "XC"}]
    print(f"  taken for document, screen or photograph: {len(wrong)} {' '.join(wrong)}")


def word(labels: Labels) -> str:
    if labels.kind.value == "capture":
        return "capture"
    return labels.modality.value or "unsure"


def stated(sample: Sample) -> str:
    return str(sample.image.header.get("Modality") or "nothing")


def profiles_chosen(answers: list[tuple[Sample, Labels]]) -> None:
    print("header and pixels")
    profiles = ProfileSet.load(installed())
    strictest = profiles.get("strict")
    found: Counter[str] = Counter()
    for sample, labels in answers:
        kind, modality = KINDS.get(sample.modality, "image"), sample.modality
        right = choose(Labels(modality=Label(modality, 1.0), kind=Label(kind, 1.0)), profiles)
        try:
            chosen = choose(labels, profiles)
        except ItemError:
            found["quarantined"] += 1
            continue
        strict = (chosen.detect, chosen.decide, chosen.redact) == (strictest.detect, strictest.decide, strictest.redact)
        how = "right" if chosen.name == right.name else "strictest" if strict else "weaker"
        found[how] += 1
        if how == "weaker":
            print(f"  weaker: {sample.file} is {modality}, header says {stated(sample)}, got {chosen.name}")
    print(f"  {', '.join(f'{count} {how}' for how, count in found.most_common())} of {len(answers)}")


def gate(network: PixelNetwork, clean: list[tuple[str, NDArray[np.uint8]]], rounds: int) -> None:
    print("quality gate")
    random = np.random.default_rng(20)
    refused = [(file, value) for file, view in clean if (value := network.quality(network.look(view)).value) != "good"]
    print(f"  clean images refused: {share(len(refused), len(clean))} {refused or ''}")
    total, of = 0, 0
    for kind in ("blurred", "dark", "bright", "blurred and dark", "blurred and bright", "empty", "pattern", "not_medical"):
        found = 0
        for _ in range(rounds):
            for _, view in clean:
                found += network.quality(network.look(ruin(view, kind, random))).value != "good"
        print(f"  {kind:18s} found: {share(found, rounds * len(clean))}")
        total, of = total + found, of + rounds * len(clean)
    print(f"  {'all':18s} found: {share(total, of)}")


def ruin(view: NDArray[np.uint8], kind: str, random: np.random.Generator) -> NDArray[np.uint8]:
    if kind in {"pattern", "not_medical"}:
        make = pattern if kind == "pattern" else scene
        return make(*(min(1024, side) for side in view.shape[:2]), random)
    out = view if view.ndim == 3 else np.repeat(view[..., None], 3, axis=2)
    for name in kind.split(" and "):
        out = SPOILERS[name](out, random)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("--weights", type=Path, help="folder of other weights than the shipped ones")
    parser.add_argument("--rounds", type=int, default=1, help="ruined copies of each clean image and kind")
    given = parser.parse_args()
    classifier = ModalityClassifier(ModalityOptions())
    network = PixelNetwork(given.weights) if given.weights else PixelNetwork()
    classifier._network = network  # noqa: SLF001
    every = list(samples(given.images))
    alone = [(sample, classifier.classify(Stripped(sample.image))) for sample in every]
    for sample, labels in alone:
        confidence = labels.modality.confidence or labels.kind.confidence
        print(f"{sample.file:20s} {sample.modality:3s} {word(labels):8s} {confidence:.2f} {labels.quality.value}")
    pixels_alone([(sample, word(labels)) for sample, labels in alone])
    profiles_chosen([(sample, classifier.classify(sample.image)) for sample in every])
    clean = [(sample.file, np.asarray(sample.image.frame(0).view(), np.uint8)) for sample in every if sample.clean]
    gate(network, clean, given.rounds)


if __name__ == "__main__":
    main()
