"""Compares the stored samples of the written file with those of the original, one frame at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from deidkit.image import Array, Box
from deidkit.imaging import boxes as geometry
from deidkit.imaging.samples import bits
from deidkit.interfaces import EncodedImage
from deidkit.types import Action, Case, Check, Status
from deidkit_reconstruct.equality.inside import CHROMA_PX, interior, likeness, spread
from deidkit_reconstruct.equality.meaning import COLOUR, PHOTOMETRIC, altered
from deidkit_reconstruct.equality.unknown import unexplained
from deidkit_reconstruct.options import EqualityOptions

STRIP_SAMPLES = 1 << 22
JPEG_DCT = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")


@dataclass(slots=True)
class Tally:
    """Counts over all frames: frames, pixels, and redacted regions."""

    misshapen: int = 0
    outside: int = 0
    outside_frames: int = 0
    inside: int = 0
    regions: int = 0
    uncovered: int = 0
    left: int = 0
    worst: float = 0.0
    far: int = 0


class Equality:
    """Passes when nothing but redacted content changed, and all of that did.

    Checks: ``equality-frames`` (number, shape and type of frames, and the attributes that give samples their meaning),
    ``equality-outside`` (samples outside ``case.masks``), ``equality-inside`` (redacted regions). Where the edits are not
    known there is ``equality-blanked`` in their place. ``equality-surplus``: the written frames hold no byte that their samples
    do not need, where the format can tell. ``equality-header`` warns of each place where the header of the input contradicts
    its pixel data.
    """

    def __init__(self, options: EqualityOptions) -> None:
        self._options = options

    def verify(self, case: Case) -> list[Check]:
        before, after = case.before.frame_count, case.after.frame_count
        if before != after:
            lost = {"frames_before": float(before), "frames_after": float(after)}
            return [Check("equality-frames", Status.FAILED, "the number of frames changed", lost)]
        if not case.edits_known:
            return [self._unknown(case), *_surplus(case), *_contradicted(case)]
        tally = Tally()
        inset = CHROMA_PX if _transfer_syntax(case) in JPEG_DCT else 0
        for index in range(before):
            case.context.deadline.check("equality")
            self._frame(case, index, inset, tally)
        changed = altered(case.before.header, case.after.header) if before and not tally.misshapen else []
        if changed == [PHOTOMETRIC] and _same_colours(case):
            changed = []
        checks = [_frames(before, tally, changed), self._outside(tally), *self._inside(tally)]
        return [*checks, *_surplus(case), *_contradicted(case)]

    def _unknown(self, case: Case) -> Check:
        """One check in place of three, since without edits there is no inside and outside."""
        changed = left = misshapen = 0
        for index in range(case.before.frame_count):
            case.context.deadline.check("equality")
            old, new = bits(case.before.frame(index).samples), bits(case.after.frame(index).samples)
            if old.shape != new.shape or old.dtype != new.dtype:
                misshapen += 1
                continue
            total, rest = unexplained(old, new, old.ndim == 3 and _transfer_syntax(case) in JPEG_DCT)
            changed, left = changed + total, left + rest
        measured = {"pixels_changed": float(changed), "pixels_not_blank": float(left), "frames_misshapen": float(misshapen)}
        if misshapen:
            return Check("equality-blanked", Status.FAILED, f"{misshapen} frames have another shape or type", measured)
        if not left:
            return Check("equality-blanked", Status.PASSED, "whatever changed was blanked", measured)
        status = Status.FAILED if self._options.inside == "constant" else Status.WARNED
        return Check("equality-blanked", status, f"{left} of {changed} changed pixels are not part of a blank", measured)

    def _frame(self, case: Case, index: int, inset: int, tally: Tally) -> None:
        doomed = [region.box for region in case.regions.get(index, ()) if region.action is Action.REDACT]
        old, new = bits(case.before.frame(index).samples), bits(case.after.frame(index).samples)
        if old.shape != new.shape or old.dtype != new.dtype:
            tally.misshapen += 1
            return
        masks = case.masks.get(index, ())
        outside, inside = count_changes(old, new, masks)
        tally.outside += outside
        tally.outside_frames += outside > 0
        tally.inside += inside
        if self._options.reach_px is not None and inside:
            reach = [geometry.grow(box, self._options.reach_px, old.shape[:2]) for box in doomed]
            tally.far += count_changes(old, new, [box for box in reach if box])[0]
        for box in doomed:
            tally.regions += 1
            tally.uncovered += geometry.covered(box, masks) < 1.0
            score, bad = self._judge(old, new, box, interior(box, masks, old.shape[:2], inset if old.ndim == 3 else 0))
            tally.worst = max(tally.worst, score)
            tally.left += bad

    def _judge(self, old: Array, new: Array, box: Box, where: Array) -> tuple[float, bool]:
        x0, y0, x1, y1 = box
        if self._options.inside == "off":
            return 0.0, False
        if self._options.inside == "unlike":
            score = likeness(old[y0:y1, x0:x1], new[y0:y1, x0:x1])
            return score, score > self._options.most_likeness
        score = spread(new[y0:y1, x0:x1], where)
        return score, score > 0 or not where.any()

    def _outside(self, tally: Tally) -> Check:
        measured = {"pixels_outside": float(tally.outside), "pixels_inside": float(tally.inside)}
        if tally.outside:
            detail = f"{tally.outside} pixels in {tally.outside_frames} frames differ outside the masks"
            return Check("equality-outside", Status.FAILED, detail, measured)
        if tally.far:
            detail = f"{tally.far} pixels changed further than {self._options.reach_px} pixels from a redacted region"
            return Check("equality-outside", Status.FAILED, detail, measured | {"pixels_far": float(tally.far)})
        return Check("equality-outside", Status.PASSED, "samples outside the masks are unchanged", measured)

    def _inside(self, tally: Tally) -> list[Check]:
        measured = {
            "regions": float(tally.regions),
            "regions_uncovered": float(tally.uncovered),
            "regions_not_replaced": float(tally.left),
        }
        if self._options.inside == "unlike":
            measured |= {"worst_likeness": tally.worst, "most_likeness": self._options.most_likeness}
        elif self._options.inside == "constant":
            measured |= {"worst_spread": tally.worst, "most_spread": 0.0}
        if tally.uncovered or tally.left:
            detail = f"of {tally.regions} redacted regions {tally.uncovered} are not covered, {tally.left} not replaced"
            return [Check("equality-inside", Status.FAILED, detail, measured)]
        detail = "redacted regions are covered" + ("" if self._options.inside == "off" else " and replaced")
        return [Check("equality-inside", Status.PASSED, detail, measured)]


def _frames(frames: int, tally: Tally, changed: Sequence[str]) -> Check:
    measured = {"frames": float(frames), "frames_misshapen": float(tally.misshapen)}
    if tally.misshapen:
        return Check("equality-frames", Status.FAILED, f"{tally.misshapen} frames have another shape or type", measured)
    if changed:
        return Check("equality-frames", Status.FAILED, f"samples mean something else: {', '.join(changed)} changed", measured)
    return Check("equality-frames", Status.PASSED, "number, shape and type of the frames are unchanged", measured)


def _contradicted(case: Case) -> list[Check]:
    return [Check("equality-header", Status.WARNED, words) for words in case.before.contradictions]


def _surplus(case: Case) -> list[Check]:
    """Whether the written file is accounted for to the last byte. What another program wrote may say more than it must."""
    if not isinstance(case.after, EncodedImage) or not case.after.frame_count:
        return []
    found: Counter[str] = Counter()
    for index in range(case.after.frame_count):
        case.context.deadline.check("equality")
        found[case.after.surplus(index)] += 1
    clean = found.pop("", 0)
    measured = {"frames": float(case.after.frame_count), "frames_with_surplus": float(case.after.frame_count - clean)}
    if found:
        status = Status.FAILED if case.edits_known else Status.WARNED
        return [Check("equality-surplus", status, f"stored with frames: {'; '.join(sorted(found))}", measured)]
    return [Check("equality-surplus", Status.PASSED, "the frames hold nothing that their samples do not need", measured)]


def count_changes(before: Array, after: Array, boxes: Sequence[Box]) -> tuple[int, int]:
    """Pixels that differ outside and inside the union of ``boxes``. Works in strips, so that little memory is needed."""
    rows, columns = before.shape[:2]
    step = max(1, STRIP_SAMPLES // max(1, before[0].size))
    outside = inside = 0
    for top in range(0, rows, step):
        old, new = before[top : top + step], after[top : top + step]
        differs: Array = np.not_equal(old, new)
        if not differs.any():
            continue
        differs = np.asarray(differs.reshape(len(old), columns, -1).any(axis=2))
        mask = geometry.rasterise([(a, b - top, c, d - top) for a, b, c, d in boxes], (len(old), columns))
        within = int(np.count_nonzero(differs & mask))
        inside += within
        outside += int(np.count_nonzero(differs)) - within
    return outside, inside


def _same_colours(case: Case) -> bool:
    """Whether the first frame still looks the same outside its masks, though the header names another colour space."""
    if any(str(image.header.get(PHOTOMETRIC, "")) not in COLOUR for image in (case.before, case.after)):
        return False
    old, new = case.before.frame(0).view(), case.after.frame(0).view()
    return old.shape == new.shape and count_changes(old, new, case.masks.get(0, ()))[0] == 0


def _transfer_syntax(case: Case) -> str:
    meta = getattr(case.after.header, "file_meta", None)
    return str(meta.get("TransferSyntaxUID", "")) if meta is not None else ""
