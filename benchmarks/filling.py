"""How near a filling comes to what stood there: PSNR, SSIM, a distance of features, and whether a detector still sees text."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.image import Array, Box
from deidkit.imaging.boxes import covered
from deidkit.keys import Keys
from deidkit.nn.cards import checked_bytes, load_card
from deidkit.nn.preprocessing import channels
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.types import Context, Deadline, Labels
from deidkit_dbnet.detector import CARD

SEES = 0.5


def psnr(one: Array, other: Array, where: Array) -> float:
    return -10 * float(np.log10(max(float(((one - other) ** 2)[where].mean()), 1e-6)))


def ssim(one: Array, other: Array, where: Array) -> float:
    """Wang et al., IEEE Trans. Image Processing 13(4), 2004, 11 x 11 Gaussian window, mean over ``where``; range 1."""

    def blur(values: Array) -> Array:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5))

    a, b = blur(one), blur(other)
    va, vb, cov = blur(one * one) - a * a, blur(other * other) - b * b, blur(one * other) - a * b
    index = (2 * a * b + 1e-4) * (2 * cov + 9e-4) / ((a * a + b * b + 1e-4) * (va + vb + 9e-4))
    return float(index[where].mean())


def eight(values: Array) -> Array:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


class Backbone:
    """The frozen encoder of dbnet as a measure of likeness, in the manner of LPIPS (Zhang et al., CVPR 2018) without its
    learned weights. Needs torch.
    """

    def __init__(self) -> None:
        import torch
        from safetensors.torch import load

        from deidkit_dbnet.network import DBNet

        card = load_card(CARD)
        network = DBNet.described(card.facts)
        network.load_state_dict(load(checked_bytes(card, "dbnet.safetensors")))
        self._torch, self._encoder, self._inputs = torch, network.eval().encoder, network.inputs

    def distance(self, one: Array, other: Array, where: Array) -> float:
        """Mean squared distance of unit feature vectors over the cells of each level that touch ``where``; mean of levels."""
        rows, columns = (-(-size // 32) * 32 for size in where.shape)
        mask = np.zeros((rows, columns), np.float32)
        mask[: where.shape[0], : where.shape[1]] = where
        levels = [self._levels(plane, rows, columns) for plane in (one, other)]
        found = []
        for a, b in zip(*levels, strict=True):
            cells = cv2.resize(mask, (a.shape[2], a.shape[1]), interpolation=cv2.INTER_AREA) > 0
            found.append(float(((a - b) ** 2).sum(0)[cells].mean()))
        return float(np.mean(found))

    def _levels(self, plane: Array, rows: int, columns: int) -> list[Any]:
        padded = np.pad(eight(plane), ((0, rows - plane.shape[0]), (0, columns - plane.shape[1])), mode="edge")
        with self._torch.inference_mode():
            answers = self._encoder(self._torch.from_numpy(channels(padded, self._inputs)[None]))
        levels = [answer[0].numpy() for answer in answers]
        return [level / np.maximum(np.linalg.norm(level, axis=0, keepdims=True), 1e-6) for level in levels]


class Onlooker:
    """A detector that is shown a filled crop."""

    def __init__(self, detector: str = "dbnet") -> None:
        self._detector = installed().build("detector", detector)

    def sees(self, plane: Array, boxes: list[Box]) -> list[bool]:
        """For each box, whether text is still found on at least half of it."""
        context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(600), Dataset())
        regions = [region.box for region in self._detector.detect([frame_of(eight(plane))], context)[0]]
        return [covered(box, regions) >= SEES for box in boxes]
