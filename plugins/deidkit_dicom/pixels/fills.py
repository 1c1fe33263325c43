"""Edits turned into boxes and values: what goes where in which frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from deidkit.errors import InvariantBroken
from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import clip
from deidkit.types import Edit, Patch
from deidkit_dicom.pixel_module import PixelModule
from deidkit_dicom.pixels.native import Fill
from deidkit_dicom.stored_bits import words_of


class Fills:
    """All patches of one object by frame. Values are made frame by frame, when they are written.

    Args:
        edits: what the redactor asked for.
        module: of the decoded samples.
        frame: gives a frame, for its black and its samples.
        pair: horizontal step that boxes are widened to, 2 for subsampled chroma.
    """

    def __init__(self, edits: Sequence[Edit], module: PixelModule, frame: Callable[[int], Frame], pair: int = 1) -> None:
        self._frame = frame
        self._module = module
        self._shape = module.shape
        self._pair = pair
        self._patches: dict[int, list[Patch]] = {}
        for edit in edits:
            if not 0 <= edit.frame < module.frames:
                raise InvariantBroken("edit-outside", "an edit names a frame that does not exist")
            kept = [patch for patch in edit.patches if clip(patch.box, module.shape)]
            if kept:
                self._patches.setdefault(edit.frame, []).extend(kept)

    def __contains__(self, index: int) -> bool:
        return index in self._patches

    def __len__(self) -> int:
        return len(self._patches)

    @property
    def masks(self) -> dict[int, tuple[Box, ...]]:
        """The boxes that change, by frame."""
        return {index: tuple(self._target(patch) for patch in patches) for index, patches in sorted(self._patches.items())}

    @property
    def blank_only(self) -> bool:
        """Whether every patch asks for black."""
        return all(patch.samples is None for patch in chain.from_iterable(self._patches.values()))

    def of(self, index: int) -> list[Fill]:
        """Boxes and values of one frame, in the order in which they are applied."""
        return self._values_in(self._frame(index)) if index in self._patches else []

    def _values_in(self, frame: Frame) -> list[Fill]:
        return [(self._target(patch), self._values(patch, frame)) for patch in self._patches[frame.index]]

    def apply(self, index: int) -> Array:
        """A changed copy of the words of one frame."""
        frame = self._frame(index)
        changed = frame.words.copy()
        for (x0, y0, x1, y1), values in self._values_in(frame):
            changed[y0:y1, x0:x1] = values
        return changed

    def _target(self, patch: Patch) -> Box:
        x0, y0, x1, y1 = patch.box
        wide = (x0 - x0 % self._pair, y0, x1 + -x1 % self._pair, y1)
        return clip(wide, self._shape) or wide

    def _values(self, patch: Patch, frame: Frame) -> Array:
        x0, y0, x1, y1 = self._target(patch)
        words = frame.words
        if patch.samples is None:
            black = words_of(np.array(frame.black, words.dtype), self._module)
            return np.broadcast_to(black if words.ndim == 3 else black[0], words[y0:y1, x0:x1].shape)
        left, top, right, bottom = patch.box
        expected = (bottom - top, right - left, *words.shape[2:])
        if patch.samples.shape != expected or patch.samples.dtype != words.dtype:
            raise InvariantBroken("patch-mismatch", "a patch has another shape or type than its box in the frame")
        values = words[y0:y1, x0:x1].copy()
        inner = clip(patch.box, self._shape) or (left, top, right, bottom)
        values[inner[1] - y0 : inner[3] - y0, inner[0] - x0 : inner[2] - x0] = words_of(
            patch.samples[inner[1] - top : inner[3] - top, inner[0] - left : inner[2] - left], self._module
        )
        return values
