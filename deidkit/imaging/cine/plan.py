"""Text in multi-frame images: detectors look at a few frames and composites, every other frame is checked for new strokes.

The frames to look at are a few real ones, the median over time (text that stays), and for each part of the cine a composite of
the pixels that differ most from the median (text that shows in any one frame of that part). Regions found there are carried
to the frames that have the same strokes, following them where they move. Rows of strokes that a composite does not show well
are cut out of their frames and looked at together.

All that is done in the default view, and once more, with composites alone, in each further view that frames have: faint text
of a wide range shows in these only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from deidkit.image import Box, Frame, Image
from deidkit.imaging.boxes import covered
from deidkit.imaging.cine.mosaic import Mosaic, lay_out, synthetic
from deidkit.imaging.cine.sampling import OWNED, median_over_time, oddest_over_time
from deidkit.imaging.cine.tracking import Carrier, Trace, trace
from deidkit.imaging.proxies import OneView
from deidkit.types import Region

BUDGET = 8
PARTS = 3
REAL = 3
ALIKE = 0.85

Found = dict[int, tuple[Region, ...]]


@dataclass(frozen=True, slots=True)
class Probe:
    """One picture to run detectors on. ``stands_for`` are the frames that its regions may belong to."""

    frame: Frame
    kind: str
    stands_for: range


@dataclass(slots=True)
class Plan:
    """What to look at, and what the answers mean for every frame.

    Use: detect on each ``probes[i].frame`` and ``spread`` the answers; then, as long as ``doubt()`` gives a picture, detect on
    it and give the regions to ``settle``. ``found()`` are the regions of every frame. ``further`` names the frames that have
    each view beside their default one.
    """

    image: Image
    probes: tuple[Probe, ...]
    doubts: dict[int, list[Box]] = field(default_factory=dict, repr=False)
    further: dict[str, list[int]] = field(default_factory=dict)
    carrier: Carrier = field(init=False, repr=False)
    _found: dict[int, list[Region]] = field(default_factory=dict, repr=False)
    _open: Mosaic | None = field(default=None, repr=False)
    _wholes: int = 0

    def __post_init__(self) -> None:
        self.carrier = Carrier(self.image)

    def spread(self, answers: Sequence[Sequence[Region]]) -> None:
        """Takes one list of regions for each probe, in the order of ``probes``.

        Regions of the median, and those that all real frames have at one place, belong to every frame.
        """
        pairs = list(zip(self.probes, answers, strict=True))
        real = [[region.box for region in regions] for probe, regions in pairs if probe.kind == "frame"]
        traced: list[tuple[Region, Trace]] = []
        for probe, regions in pairs:
            self.doubts.pop(probe.frame.index if probe.kind == "frame" else -1, None)
            for region in regions:
                everywhere = probe.kind == "median" or (bool(real) and all(_alike(region.box, boxes) for boxes in real))
                if everywhere or len(probe.stands_for) == 1:
                    self.add({index: [region] for index in probe.stands_for})
                else:
                    traced.append((region, trace(probe.frame, region.box, probe.stands_for, real=probe.kind == "frame")))
        self._carry(traced)

    def _carry(self, traced: Sequence[tuple[Region, Trace]]) -> None:
        for (region, _), places in zip(traced, self.carrier.places([one for _, one in traced]), strict=True):
            self.add({index: [replace(region, box=box) for box in boxes] for index, boxes in places.items()})

    def doubt(self) -> Frame | None:
        """A picture of strokes in rows that no region covers and no composite shows; None when none are left."""
        left: dict[int, list[Box]] = {}
        for index, boxes in self.doubts.items():
            known = [region.box for region in self._found.get(index, ())]
            left[index] = [box for box in boxes if not _owned(box, known)]
        self.doubts = {index: boxes for index, boxes in sorted(left.items()) if boxes}
        if not self.doubts:
            return None
        frames = ((self.image.frame(index), boxes) for index, boxes in self.doubts.items())
        self._open = lay_out(frames, self.image.frame(0).shape)
        return self._open.frame if self._open else None

    def settle(self, regions: Sequence[Region]) -> None:
        """Takes the regions of the picture that ``doubt`` gave, and carries them to the frames that show the same."""
        if self._open is None:
            return
        for cutting in self._open.cuttings:
            self.doubts[cutting.index].remove(cutting.box)
            self._wholes += cutting.box[2:] == self.image.frame(cutting.index).shape[::-1] and cutting.box[:2] == (0, 0)
        # Where many frames are looked at as a whole, carrying what each of them shows would cost a pass over all frames each.
        carries = self._wholes <= BUDGET
        everywhere = range(self.image.frame_count)
        traced: list[tuple[Region, Trace]] = []
        for index, mine in self._open.back(regions).items():
            frame = self.image.frame(index)
            fresh = [r for r in mine if not _owned(r.box, [k.box for k in self._found.get(index, ())])]
            self.add({index: mine})
            traced += [] if not carries else [(region, trace(frame, region.box, everywhere, real=True)) for region in fresh]
        self._carry(traced)
        self._open = None

    def found(self) -> Found:
        return {index: tuple(regions) for index, regions in sorted(self._found.items()) if regions}

    def add(self, carried: Mapping[int, Sequence[Region]]) -> None:
        """Takes regions; one that a region of the frame covers already, and that was not read differently, adds nothing."""
        for index, regions in carried.items():
            kept = self._found.setdefault(index, [])
            for region in regions:
                same = [k for k in kept if covered(region.box, [k.box]) >= 0.95 and k.detector == region.detector]
                if not any(k.text == region.text or region.text is None for k in same):
                    kept.append(region)


def plan(image: Image, budget: int = BUDGET, *, composites_only: bool = False) -> Plan:
    """Decides what detectors have to look at in ``image``.

    Images of at most ``budget`` frames are looked at frame by frame. Memory: about ``SAMPLES`` frames, however many there are.

    Args:
        image: any opened image.
        budget: most pictures to look at before doubts, at least 5.
        composites_only: no real frame, because these have been looked at.
    """
    count = image.frame_count
    if frame_by_frame(image, budget):
        return Plan(image, tuple(Probe(f, "frame", range(f.index, f.index + 1)) for f in image.frames()))
    parts = max(1, min(PARTS, budget - REAL - 1))
    median = median_over_time(image)
    everywhere = range(count)
    real = [] if composites_only else sorted({round(i * (count - 1) / (REAL - 1)) for i in range(REAL)})
    probes = [Probe(image.frame(index), "frame", everywhere) for index in real]
    probes.append(Probe(synthetic(median, 0), "median", everywhere))
    doubts: dict[int, list[Box]] = {}
    further: dict[str, list[int]] = {}
    for part in range(parts):
        span = range(part * count // parts, (part + 1) * count // parts)
        composite, doubtful = oddest_over_time(image, span, median, further)
        doubts |= doubtful
        probes.append(Probe(synthetic(composite, span.start), "odd", span))
    return Plan(image, tuple(probes), doubts, further)


def detect_over_time(image: Image, detect: Callable[[Frame], Sequence[Region]], budget: int = BUDGET) -> tuple[Found, int]:
    """Regions of every frame, and how many pictures ``detect`` was shown.

    A picture of a further view is shown in that view alone, so that it costs a fraction of a frame, which shows all of its own.
    """
    made = plan(image, budget)
    shown = _carry_out(made, detect)
    for name, members in made.further.items():
        faint = plan(OneView(image, name, members), budget, composites_only=True)
        shown += _carry_out(faint, detect)
        made.add({members[index]: regions for index, regions in faint.found().items()})
    return made.found(), shown


def _carry_out(made: Plan, detect: Callable[[Frame], Sequence[Region]]) -> int:
    made.spread([detect(probe.frame) for probe in made.probes])
    shown = len(made.probes)
    while (picture := made.doubt()) is not None:
        made.settle(detect(picture))
        shown += 1
    return shown


def frame_by_frame(image: Image, budget: int = BUDGET) -> bool:
    """Whether there are too few frames for composites, or frames of several sizes."""
    count = image.frame_count
    return count <= budget or len({image.frame(index).shape for index in (0, count // 2, count - 1)}) > 1


def _owned(box: Box, known: Sequence[Box]) -> bool:
    """Whether ``known`` cover most of ``box``; where their areas are too small for that, nothing is rasterised."""
    return sum(map(_area, known)) >= OWNED * _area(box) and covered(box, known) >= OWNED


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _alike(box: Box, boxes: Sequence[Box]) -> bool:
    """Whether one of ``boxes`` is nearly the same."""
    return any(min(covered(box, [other]), covered(other, [box])) >= ALIKE for other in boxes)
