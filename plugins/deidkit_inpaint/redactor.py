"""The inpainting redactor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deidkit.generated.seg import check_installed
from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import area, grow, merge
from deidkit.types import Context, Edit, Patch, Region
from deidkit_inpaint.fillers import FILLERS, Filler
from deidkit_inpaint.learned import Learned
from deidkit_inpaint.options import InpaintOptions
from deidkit_inpaint.planes import fill_crop
from deidkit_inpaint.strokes import stroke_mask

PALETTE = "PALETTE COLOR"


class Inpaint:
    """See ``deidkit.interfaces.Redactor``. Only pixels inside the grown regions change; their values are invented.

    Frames of palette indices, of single bits, and frames without any pixel outside the regions are blanked instead, since there
    is nothing to invent from; such an edit is not marked as generated.
    """

    def __init__(self, options: InpaintOptions) -> None:
        self._options = options
        if options.record == "seg":
            check_installed()
        self._name: str = options.model
        self._filler: Filler
        if options.model in FILLERS:
            self._filler = FILLERS[options.model]
        else:
            learned = Learned(options.model, options.mode == "conditioned")
            self._filler, self._name = learned, f"{options.model}-{learned.digest[:8]}"

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        """One patch a region, grown by the margin and clipped to the frame, in a stable order."""
        options = self._options
        grown = {grow(region.box, options.margin_px, frame.shape) for region in regions if area(region.box)}
        boxes = sorted(box for box in grown if box is not None)
        if not boxes:
            return Edit(frame.index, (), self._method())
        mask = self._mask(frame, regions)
        if _unsuited(frame, context) or mask.all():
            return Edit(frame.index, tuple(Patch(box) for box in boxes), "inpaint:blanked")
        made = frame.samples.copy()
        for crop in self._crops(boxes, mask):
            context.deadline.check("inpaint")
            x0, y0, x1, y1 = crop
            part = mask[y0:y1, x0:x1]
            made[y0:y1, x0:x1] = fill_crop(made[y0:y1, x0:x1], part, self._filler, options.mode == "conditioned")
        patches = tuple(Patch(box, np.ascontiguousarray(made[box[1] : box[3], box[0] : box[2]])) for box in boxes)
        return Edit(frame.index, patches, self._method(), generated=True, record=options.record)

    def _method(self) -> str:
        return f"inpaint:{self._name}:{self._options.mode}:{self._options.mask}"

    def _mask(self, frame: Frame, regions: Sequence[Region]) -> Array:
        """Boolean ``(rows, columns)``. Regions filled whole win over strokes where they overlap."""
        mask = np.zeros(frame.shape, np.bool_)
        for region in regions:
            box = grow(region.box, self._options.margin_px, frame.shape)
            if box is None or not area(region.box):
                continue
            x0, y0, x1, y1 = box
            if self._options.mask == "strokes" and region.kind in self._options.stroke_kinds:
                mask[y0:y1, x0:x1] |= stroke_mask(frame.samples[y0:y1, x0:x1])
            else:
                mask[y0:y1, x0:x1] = True
        return mask

    def _crops(self, boxes: Sequence[Box], mask: Array) -> list[Box]:
        """Boxes with their surroundings, joined where those overlap, and wide enough to hold something known."""
        shape = (mask.shape[0], mask.shape[1])
        reach = self._options.context_px
        crops = merge(box for box in (grow(box, reach, shape) for box in boxes) if box is not None)
        return [crop if not _nothing_known(mask, crop) else (0, 0, shape[1], shape[0]) for crop in crops]


def _nothing_known(mask: Array, crop: Box) -> bool:
    """Whether nothing in ``crop`` is known."""
    x0, y0, x1, y1 = crop
    return bool(mask[y0:y1, x0:x1].all())


def _unsuited(frame: Frame, context: Context) -> bool:
    """Whether values between two samples mean nothing."""
    photometric = str(context.header.get("PhotometricInterpretation", "")).strip()
    return photometric == PALETTE or context.header.get("BitsAllocated") == 1 or frame.samples.dtype == np.bool_
