"""Reads lines of text with the recognition network: straightened crops in, characters with their confidences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from deidkit_rapidocr.boxes import Quad
from deidkit_rapidocr.models import Floats, Network, to_input

HEIGHT = 48
WIDEST = 3200
BATCH_COLUMNS = 2560


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters in reading order, each with its probability and its place along the crop in [0, 1]."""

    text: str = field(repr=False)
    confidences: tuple[float, ...]
    places: tuple[float, ...] = ()

    @property
    def confidence(self) -> float:
        """Mean probability of the characters other than spaces; 0 when there is none."""
        marks = [value for value, character in zip(self.confidences, self.text, strict=True) if not character.isspace()]
        return float(np.mean(marks)) if marks else 0.0


def straighten(image: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """The part of ``image`` (rows, columns, 3) inside ``quad``, upright, HEIGHT rows high, uint8."""
    along = float(np.linalg.norm(quad[1] - quad[0]))
    across = max(1.0, float(np.linalg.norm(quad[3] - quad[0])))
    columns = int(np.clip(round(along * HEIGHT / across), 8, WIDEST))
    target = np.array([(0, 0), (columns, 0), (columns, HEIGHT), (0, HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    flags = cv2.INTER_CUBIC if across < HEIGHT else cv2.INTER_AREA
    crop = cv2.warpPerspective(image, matrix, (columns, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(crop, np.uint8)


class Reader:
    """Reads straightened crops in batches of similar width."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._alphabet = ("", *network.characters, " ")

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        """One reading per crop, in the same order."""
        readings: list[Reading] = [Reading("", ())] * len(crops)
        batch: list[int] = []
        for index in sorted(range(len(crops)), key=lambda i: crops[i].shape[1]):
            if batch and crops[index].shape[1] * (len(batch) + 1) > BATCH_COLUMNS:
                self._run(crops, batch, readings)
                batch = []
            batch.append(index)
        if batch:
            self._run(crops, batch, readings)
        return readings

    def _run(self, crops: Sequence[NDArray[np.uint8]], batch: Sequence[int], readings: list[Reading]) -> None:
        columns = max(48, -(-max(crops[i].shape[1] for i in batch) // 8) * 8)
        stacked = np.zeros((len(batch), 3, HEIGHT, columns), np.float32)
        for row, i in enumerate(batch):
            stacked[row, :, :, : crops[i].shape[1]] = to_input(crops[i])
        for row, (i, output) in enumerate(zip(batch, self._network.run(stacked), strict=True)):
            readings[i] = self._decode(output, columns / crops[batch[row]].shape[1])

    def _decode(self, output: Floats, stretch: float) -> Reading:
        """Greedy CTC: repeated symbols collapse, index 0 is the blank."""
        best = output.argmax(axis=1)
        value = output.max(axis=1)
        starts = np.flatnonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))
        text = [self._alphabet[best[s]] for s in starts]
        places = [min(1.0, (s + 0.5) / len(best) * stretch) for s in starts]
        kept = [n for n, t in enumerate(text) if len(t) == 1]
        return Reading(
            "".join(text[n] for n in kept), tuple(float(value[starts[n]]) for n in kept), tuple(places[n] for n in kept)
        )
