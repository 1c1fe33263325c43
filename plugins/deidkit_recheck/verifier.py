"""The recheck verifier: reads the written file again and fails it when a confident reading lies outside what was kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from deidkit.components import parts
from deidkit.errors import StageTimeout
from deidkit.image import Box, Frame
from deidkit.nn.weights_used import note
from deidkit.types import Action, Case, Check, Status
from deidkit_recheck.comparison import Comparison, compare, places
from deidkit_recheck.comparison import verdict as rendering_verdict
from deidkit_recheck.frames import COMPOSITE, always, sampled
from deidkit_recheck.judge import Left, Needles, left_behind
from deidkit_recheck.looks import picture_frame, sights
from deidkit_recheck.options import RecheckOptions
from deidkit_recheck.pairs import Pairs, shown
from deidkit_recheck.readers import Eye, Eyes
from deidkit_recheck.unread import again, unread

NAME = "recheck"
Kept = tuple[Box, ...]
SAME_FAMILY = ("plain", "faint", "negative", "enlarged", "reduced", "mirrored", "turned-45", "turned-90")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one detector saw in a whole file: where it stopped, ``frame`` is the frame in which text was left.

    ``unread`` are lines, each with its frame, that the detector was sure of and that could not be read.
    """

    left: Left
    pictures: int
    frames: int
    frame: int = 0
    unread: tuple[tuple[int, Box], ...] = ()


class Recheck:
    """Looks with two detectors, of another family first; with one that detected only in further looks, and with a warning when
    there is no other. No network decides what they are shown: every picture is read.

    Raises:
        EnvironmentFault: no installed detector can read a sample.
    """

    def __init__(self, options: RecheckOptions) -> None:
        self._options = options
        self._eyes = Eyes(parts(), options.detector)

    def verify(self, case: Case) -> list[Check]:
        """One check for the reading, one for the rendering that was read, and one warning for each thing that weakens them.

        Raises:
            StageTimeout: the stage's time is over.
        """
        with Pairs(case.after, case.path) as pairs:
            found = compare(case, pairs, compose=case.after.frame_count > self._options.frames)
            rendering = rendering_verdict(case, pairs, found)
            if case.after.frame_count == 0:
                return [Check(NAME, Status.PASSED, "the object has no pixels"), *([rendering] if pairs.frame_count else [])]
            return [*self._read(case, pairs, found), rendering]

    def _read(self, case: Case, pairs: Pairs, found: Comparison) -> list[Check]:
        """Asks one reader after the other until enough have answered, or one of them reads something."""
        warnings: list[Check] = []
        answers: list[tuple[Seen, Eye]] = []
        for eye, independent in self._eyes.order(case.context.detectors):
            note(eye.weights)
            try:
                seen = self._look(case, eye, self._looks(independent, bool(answers)), self._pictures(case, pairs, found))
            except StageTimeout:
                case.context.deadline.check(NAME)
                warnings.append(
                    Check(f"{NAME}-time-limit", Status.WARNED, f"{eye.name} gave no answer in time; another looked")
                )
                continue
            if not independent and not answers:
                detail = f"{eye.name} is of the family that found the regions; it looked in more contrasts"
                warnings.append(Check(f"{NAME}-not-independent", Status.WARNED, detail))
            answers.append((seen, eye))
            if seen.left.boxes:
                return [_verdict(seen, eye), *warnings]
            if len(answers) >= self._wanted:
                break
        if not answers:
            return [Check(NAME, Status.FAILED, "no detector could read the written file in time"), *warnings]
        return [_verdict(*answers[0]), *self._unread(answers), *warnings]

    def _unread(self, answers: Sequence[tuple[Seen, Eye]]) -> list[Check]:
        """What nobody could read is not proven to be no text."""
        found = [place for seen, _ in answers for place in seen.unread]
        if not found:
            return []
        frame = found[0][0]
        measured = {"lines": float(len(found)), **places(frame, [box for index, box in found if index == frame])}
        status = Status.FAILED if self._options.unread == "quarantine" else Status.WARNED
        return [
            Check(f"{NAME}-unread", status, "something in the written file looks like a line that nobody could read", measured)
        ]

    @property
    def _wanted(self) -> int:
        return self._options.readers if self._options.detector == "auto" else 1

    def _looks(self, independent: bool, answered: bool) -> Sequence[str]:
        """What a reader is shown. One that detected has judged the plain views already: alone it sees them again."""
        if independent:
            return ("plain",) if answered else self._options.views
        return SAME_FAMILY[1:] if answered else SAME_FAMILY

    def _look(self, case: Case, eye: Eye, looks: Sequence[str], pictures: Iterator[tuple[Frame, Kept]]) -> Seen:
        """Reads until the first picture with text left in it: one is enough to fail the file."""
        needles = Needles(case.context.identifiers)
        seen: set[int] = set()
        unreadable: list[tuple[int, Box]] = []
        count = 0
        for frame, kept in pictures:
            seen.add(frame.index)
            doubtful: list[Box] = []
            for sight in chain(sights(frame, looks, kept), again(frame, doubtful, kept)):
                case.context.deadline.check(NAME)
                count += 1
                regions = eye.detector.detect([sight.frame], case.context)[0]
                found = [(region, sight.stored(region.box)) for region in regions]
                left = left_behind(found, kept, needles, self._options)
                if left.boxes:
                    return Seen(left, count, len(seen - {COMPOSITE}), frame.index)
                if sight.name in frame.views:
                    doubtful += unread(found, kept, self._options)
            unreadable += [(frame.index, box) for box in doubtful]
        return Seen(Left(), count, len(seen - {COMPOSITE}), unread=tuple(unreadable))

    def _pictures(self, case: Case, pairs: Pairs, found: Comparison) -> Iterator[tuple[Frame, Kept]]:
        """Frames to read, each with the boxes whose text was kept. Masks hide nothing: what is still legible there was left."""
        count = case.after.frame_count
        chosen = sampled(count, self._options.frames, case.masks)
        for index in chosen:
            yield shown(pairs.at(index)), _kept(case, index)
        if len(chosen) < count:
            kept = always({index: _kept(case, index) for index in range(count)}, count)
            yield from ((frame, kept) for frame in found.composites.frames())
        yield from ((picture_frame(plane, COMPOSITE), ()) for plane in pairs.overlays())


def _kept(case: Case, index: int) -> Kept:
    return tuple(region.box for region in case.regions.get(index, ()) if region.action is Action.KEEP)


def _verdict(seen: Seen, eye: Eye) -> Check:
    measured = {
        "frames": float(seen.frames),
        "pictures": float(seen.pictures),
        "texts": float(seen.left.texts),
        "known": float(seen.left.known),
        "confidence": round(seen.left.confidence, 3),
        **places(seen.frame, seen.left.boxes),
    }
    if seen.left.known:
        return Check(NAME, Status.FAILED, f"{eye.name} still reads text like an identifier of this patient", measured)
    if seen.left.texts:
        return Check(NAME, Status.FAILED, f"{eye.name} still reads text outside the regions that were kept", measured)
    return Check(NAME, Status.PASSED, f"{eye.name} reads no text", measured)
