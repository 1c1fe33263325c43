"""The stages of one item, each with the invariants that its plugin has to keep. Data flows from top to bottom.

A plugin that breaks an invariant sends the item to quarantine (InvariantBroken); nothing is repaired silently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit.errors import InvariantBroken
from deidkit.headers import uids
from deidkit.headers.working_copy import working_copy
from deidkit.image import Frame, Image
from deidkit.imaging import boxes as geometry
from deidkit.imaging import separation
from deidkit.imaging.cine.plan import detect_over_time, frame_by_frame
from deidkit.imaging.fusion import corroborated
from deidkit.imaging.redundancy import without_spare
from deidkit.imaging.samples import identical
from deidkit.imaging.tiles import detect_across_tiles
from deidkit.interfaces import Format
from deidkit.item import content
from deidkit.item.pipeline import Chain
from deidkit.item.time_limits import Paced
from deidkit.limits import Limits
from deidkit.types import Action, Case, Context, Deadline, Edit, HeaderChange, Masks, Region, Verdict

if TYPE_CHECKING:
    from pydicom import Dataset


WHOLE = -1
SECONDS_A_FRAME = 2.0

Beat = Callable[[str, int, float], None]
"""Told the stage, the frame (WHOLE for all of the file) and the seconds allowed, whenever work on one begins."""


def unheard(stage: str, frame: int, seconds: float) -> None:
    """A Beat that nobody listens to."""
    del stage, frame, seconds


FrameRegions = Mapping[int, tuple[Region, ...]]


def detect(chain: Chain, image: Image, context: Context, beat: Beat) -> FrameRegions:
    """Regions of every detector by frame, with text where a recogniser of the profile could read it.

    Long cines are not analysed frame by frame; ``deidkit.imaging.cine.plan`` says which frames and composites are. Tiles are
    also analysed put together; see ``deidkit.imaging.tiles``. Each detection, and each comparison of one frame with others in
    between, has the whole time limit to itself.
    """
    if not chain.detectors:
        return {}
    paced = Paced(image, lambda index: beat("detect:frames", index, chain.limits.stage_seconds))
    found, _ = detect_over_time(paced, lambda frame: _look(chain, frame, context, beat))
    across = detect_across_tiles(paced, lambda frame: _look(chain, frame, context, beat))
    both = {index: (*found.get(index, ()), *across.get(index, ())) for index in sorted({*found, *across})}
    return {index: regions for index, regions in both.items() if regions}


def _look(chain: Chain, frame: Frame, context: Context, beat: Beat) -> tuple[Region, ...]:
    regions: list[Region] = []
    for name, detector in chain.detectors:
        answer = detector.detect([frame], begin(beat, chain, context, f"detect:{name}", frame.index))
        if len(answer) != 1:
            raise InvariantBroken("detector-answer", f"{name} gave {len(answer)} lists for one frame")
        regions += _inside(answer[0], frame, name)
    return _recognise(chain, frame, corroborated(regions, frame.shape), context, beat)


def _inside(regions: Sequence[Region], frame: Frame, name: str) -> Sequence[Region]:
    for region in regions:
        if geometry.clip(region.box, frame.shape) != region.box:
            raise InvariantBroken("detector-box", f"{name} gave a box that is empty or not inside the frame")
    return regions


def _recognise(chain: Chain, frame: Frame, regions: list[Region], context: Context, beat: Beat) -> tuple[Region, ...]:
    for name, recogniser in chain.recognisers:
        unread = [region for region in regions if region.text is None]
        if not unread:
            break
        read_now = recogniser.read(frame, unread, begin(beat, chain, context, f"recognise:{name}", frame.index))
        if [region.box for region in read_now] != [region.box for region in unread]:
            raise InvariantBroken("recogniser-answer", f"{name} changed the regions it was given")
        regions = [region for region in regions if region.text is not None] + list(read_now)
    return tuple(regions)


def decide(chain: Chain, found: FrameRegions, context: Context, beat: Beat) -> FrameRegions:
    """Every region with its action. A region that nobody decided is a broken promise, never kept."""
    decided: dict[int, tuple[Region, ...]] = {}
    for index, regions in found.items():
        answer = chain.policy.decide(regions, begin(beat, chain, context, "decide", index))
        if [region.box for region in answer] != [region.box for region in regions]:
            raise InvariantBroken("policy-answer", "the policy changed the regions it was given")
        if any(region.action is Action.UNDECIDED for region in answer):
            raise InvariantBroken("policy-undecided", "the policy left a region undecided")
        decided[index] = tuple(answer)
    return decided


def clear(image: Image, decided: FrameRegions) -> FrameRegions:
    """What is redacted gives way to what is kept, where an empty row lies between; see ``deidkit.imaging.separation``. Where
    each frame was looked at, boxes that hide nothing of their own are left out; see ``deidkit.imaging.redundancy``.
    """
    alone = frame_by_frame(image)
    return {index: _cleared(image, index, regions, alone) for index, regions in decided.items()}


def _cleared(image: Image, index: int, regions: tuple[Region, ...], alone: bool) -> tuple[Region, ...]:
    overlaps = separation.overlap(regions)
    if not overlaps and (not alone or len(regions) < 2):
        return regions
    frame = image.frame(index)
    views = [frame.view(name) for name in frame.views]
    if overlaps:
        regions = separation.give_way(views, regions)
    return without_spare([*views, frame.samples], regions) if alone else regions


def redact(chain: Chain, image: Image, decided: FrameRegions, context: Context, beat: Beat) -> list[Edit]:
    """One edit for each frame with something to redact, checked to cover all of it."""
    edits = []
    for index in sorted(decided):
        doomed = [region for region in decided[index] if region.action is Action.REDACT]
        if not doomed:
            continue
        frame = image.frame(index)
        edit = chain.redactor.redact(frame, doomed, begin(beat, chain, context, "redact", index))
        _check_edit(edit, frame, doomed)
        edits.append(edit)
    return edits


def _check_edit(edit: Edit, frame: Frame, doomed: Sequence[Region]) -> None:
    boxes = [patch.box for patch in edit.patches]
    if edit.frame != frame.index or any(geometry.clip(box, frame.shape) != box for box in boxes):
        raise InvariantBroken("redactor-answer", "the redactor answered for another frame or beyond its borders")
    if any(geometry.covered(region.box, boxes) < 1.0 for region in doomed):
        raise InvariantBroken("redactor-skipped", "the redactor left part of a region uncovered")
    for patch in edit.patches:
        if patch.samples is not None and patch.samples.shape[:2] != (patch.box[3] - patch.box[1], patch.box[2] - patch.box[0]):
            raise InvariantBroken("redactor-samples", "the redactor gave samples of another size than their box")


def scrub(chain: Chain, image: Image, context: Context, beat: Beat) -> tuple[Dataset, tuple[HeaderChange, ...]]:
    """A scrubbed copy of the header and what was changed in it. What it lacks of UIDs is put in first."""
    header = working_copy(image.header)
    changes = [*uids.complete(header, image.frame_count, lambda: digest(image, chain.limits, beat), context.keys)]
    for name, scrubber in chain.scrubbers:
        changes += scrubber.scrub(header, begin(beat, chain, context, f"scrub:{name}"))
    return header, tuple(changes)


def digest(image: Image, limits: Limits, beat: Beat) -> bytes:
    """What stands for the content of the object, see ``deidkit.item.content``."""
    beat("compare", WHOLE, limits.stage_seconds)
    return content.digest(image, lambda index: beat("compare", index, limits.stage_seconds))


def write(chain: Chain, target: Format, image: Image, header: Dataset, edits: Sequence[Edit], path: Path, beat: Beat) -> Masks:
    """Writes the file and returns the boxes that really changed; each edit has to lie inside them."""
    if edits and not image.is_picture:
        raise InvariantBroken("samples-edited", "the samples are labels or measurements, which nothing may alter")
    beat("write", WHOLE, chain.limits.stage_seconds + SECONDS_A_FRAME * image.frame_count)
    masks = target.save(image, header, edits, path)
    for edit in edits:
        if any(geometry.covered(patch.box, masks.get(edit.frame, ())) < 1.0 for patch in edit.patches):
            raise InvariantBroken("format-skipped", "the format left part of an edit unwritten")
    return masks


def verify(chain: Chain, case: Case, beat: Beat) -> Verdict:
    """All checks of all verifiers; a verifier that checks nothing breaks its contract."""
    _same_shape(case)
    if not case.before.is_picture:
        _same_samples(case, begin(beat, chain, case.context, "verify:samples", WHOLE, case.before.frame_count).deadline)
    checks = []
    for name, verifier in chain.verifiers:
        context = begin(beat, chain, case.context, f"verify:{name}", WHOLE, case.before.frame_count)
        answer = verifier.verify(replace(case, context=context))
        if not answer:
            raise InvariantBroken("verifier-answer", f"{name} made no check")
        checks += answer
    return Verdict(tuple(checks))


def _same_shape(case: Case) -> None:
    if case.before.frame_count != case.after.frame_count:
        raise InvariantBroken("frames-lost", "the written file has another number of frames")


def _same_samples(case: Case, deadline: Deadline) -> None:
    """Labels and measurements come out bit for bit as they went in, whatever a profile's verifiers look at."""
    for old, new in zip(case.before.frames(), case.after.frames(), strict=True):
        deadline.check("verify")
        if not identical(old.samples, new.samples):
            raise InvariantBroken("samples-altered", "samples that are labels or measurements were altered")


def begin(beat: Beat, chain: Chain, context: Context, stage: str, frame: int = WHOLE, frames: int = 0) -> Context:
    """Announces a stage and gives the context its deadline: the profile's limit, plus a little for each of ``frames``."""
    seconds = chain.limits.stage_seconds + SECONDS_A_FRAME * frames
    beat(stage, frame, seconds)
    return replace(context, deadline=Deadline.after(seconds))


def count_reasons(decided: FrameRegions) -> dict[str, int]:
    """``kind:action`` -> number of regions."""
    counts: dict[str, int] = defaultdict(int)
    for region in every(decided):
        counts[f"{region.kind}:{region.action.value}"] += 1
    return dict(sorted(counts.items()))


def every(decided: FrameRegions) -> Iterator[Region]:
    return (region for index in sorted(decided) for region in decided[index])
