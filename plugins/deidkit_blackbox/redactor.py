"""Black boxes over regions."""

from __future__ import annotations

from collections.abc import Sequence

from deidkit.image import Frame
from deidkit.imaging.boxes import area, grow
from deidkit.types import Context, Edit, Patch, Region
from deidkit_blackbox.options import BlackboxOptions


class Blackbox:
    """See ``deidkit.interfaces.Redactor``. The format knows what black is in each photometric interpretation."""

    def __init__(self, options: BlackboxOptions) -> None:
        self._margin = options.margin_px

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:  # noqa: ARG002
        """One black patch a region, grown by the margin and clipped to the frame, in a stable order."""
        boxes = {grow(region.box, self._margin, frame.shape) for region in regions if area(region.box)}
        patches = tuple(Patch(box) for box in sorted(box for box in boxes if box is not None))
        return Edit(frame.index, patches, "blackbox")
