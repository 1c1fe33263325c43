"""Broken redactors through the real stages and the real DICOM format: whatever they do wrong, nothing is released."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deidkit.errors import InvariantBroken
from deidkit.image import Array, Frame
from deidkit.imaging.boxes import grow
from deidkit.item import stages
from deidkit.item.pipeline import Chain
from deidkit.limits import Limits
from deidkit.registry import Registry
from deidkit.testing.phantoms import make
from deidkit.types import Action, Case, Context, Edit, Patch, Region, Verdict
from deidkit_reconstruct.attack.verifier import Reconstruct
from deidkit_reconstruct.equality.verifier import Equality
from deidkit_reconstruct.options import EqualityOptions, ReconstructOptions

Break = Callable[[Frame, Sequence[Region]], list[Patch]]


def honest(frame: Frame, regions: Sequence[Region]) -> list[Patch]:
    boxes = [grow(region.box, 3, frame.shape) for region in regions]
    return [Patch(box) for box in boxes if box is not None]


def shifted(frame: Frame, regions: Sequence[Region]) -> list[Patch]:
    boxes = [(x0 + 5, y0 + 5, x1 + 5, y1 + 5) for x0, y0, x1, y1 in (region.box for region in regions)]
    return [Patch((x0, y0, min(x1, frame.shape[1]), min(y1, frame.shape[0]))) for x0, y0, x1, y1 in boxes]


def replaced(change: Callable[[Array], Array]) -> Break:
    def redact(frame: Frame, regions: Sequence[Region]) -> list[Patch]:
        made = []
        for patch in honest(frame, regions):
            x0, y0, x1, y1 = patch.box
            part = frame.samples[y0:y1, x0:x1]
            made.append(Patch(patch.box, change(part).astype(part.dtype)))
        return made

    return redact


BROKEN: dict[str, Break] = {
    "a box skipped": lambda frame, regions: honest(frame, regions[1:]),
    "shifted by 5 px": shifted,
    "95 percent opacity": replaced(lambda part: part * 0.05),
    "a frame left out": lambda frame, regions: [] if frame.index == 1 else honest(frame, regions),
    "a frame copied": lambda frame, regions: (
        replaced(lambda part: part)(frame, regions) if frame.index == 1 else honest(frame, regions)
    ),
    "one grey level left": replaced(lambda part: part > np.median(part) + 20),
}


class Redactor:
    def __init__(self, redact: Break) -> None:
        self._redact = redact

    def redact(self, frame: Frame, regions: Sequence[Region], context: Context) -> Edit:
        return Edit(frame.index, tuple(self._redact(frame, regions)), "sabotage")


def verdict(redact: Break, name: str, registry: Registry, context: Callable[..., Context], folder: Path) -> Verdict:
    phantom = make(name)
    source = phantom.write(folder / "in.dcm")
    target = registry.build("format", "dicom")
    image = target.open(source, Limits())
    decided = {
        index: tuple(Region(box, 0.9, "truth", "identity", Action.REDACT, "drawn") for box in phantom.boxes(index, "phi"))
        for index in range(phantom.frame_count)
    }
    verifiers: tuple[tuple[str, Any], ...] = (
        ("equality", Equality(EqualityOptions())),
        ("reconstruct", Reconstruct(ReconstructOptions())),
    )
    chain = Chain(None, Limits(), (), (), None, Redactor(redact), (), verifiers)  # type: ignore[arg-type]
    told = context(image.header)
    edits = stages.redact(chain, image, decided, told, stages.unheard)
    header, changes = stages.scrub(chain, image, told, stages.unheard)
    written = folder / "out.dcm"
    masks = stages.write(chain, target, image, header, edits, written, stages.unheard)
    after = target.open(written, Limits())
    return stages.verify(chain, Case(image, after, written, masks, decided, changes, told), stages.unheard)


@pytest.mark.parametrize("name", ["us", "cr", "ct"])
def test_an_honest_redactor_is_released(
    registry_of: Callable[..., Registry], context: Callable[..., Context], tmp_path: Path, name: str
) -> None:
    assert verdict(honest, name, registry_of("deidkit_dicom"), context, tmp_path).clean


@pytest.mark.parametrize("name", ["us", "cr"])
@pytest.mark.parametrize("fault", BROKEN)
def test_no_sabotage_is_released(
    registry_of: Callable[..., Registry], context: Callable[..., Context], tmp_path: Path, name: str, fault: str
) -> None:
    if "frame" in fault and make(name).frame_count == 1:
        pytest.skip("needs several frames")
    try:
        clean = verdict(BROKEN[fault], name, registry_of("deidkit_dicom"), context, tmp_path).clean
    except InvariantBroken:
        clean = False
    assert not clean
