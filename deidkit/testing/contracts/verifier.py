"""What every verifier promises: it passes what is clean and catches what was sabotaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from deidkit.image import Array
from deidkit.testing.contracts.base import Contract, assert_private
from deidkit.testing.images import PlainImage
from deidkit.testing.phantoms import KEYWORDS as PLANTED
from deidkit.testing.phantoms import Phantom, make
from deidkit.types import Action, Case, Check, Context, Region, Status

if TYPE_CHECKING:
    from pydicom import Dataset

Sabotage = Callable[[Array, "Dataset", Phantom], None]


def _text_left(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del header
    x0, y0, x1, y1 = phantom.boxes(0, "phi")[0]
    samples[0, y0:y1, x0:x1] = phantom.samples[0, y0:y1, x0:x1]


def _frame_left(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del header
    samples[-1] = phantom.samples[-1]


def _shifted(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del header
    for x0, y0, x1, y1 in phantom.boxes(0, "phi"):
        middle = (x0 + x1) // 2
        samples[:, y0:y1, x0:middle] = phantom.samples[:, y0:y1, x0:middle]


def _faint(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del header
    for x0, y0, x1, y1 in phantom.boxes(0, "phi"):
        samples[:, y0:y1, x0:x1] = phantom.samples[:, y0:y1, x0:x1] // 8


def _elsewhere(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del header, phantom
    samples[0, samples.shape[1] // 2, samples.shape[2] // 2] += 1


def _name_left(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del samples
    header.ImageComments = f"seen by {phantom.dataset.PatientName}"


def _id_left(samples: Array, header: Dataset, phantom: Phantom) -> None:
    del samples
    header.private_block(0x0011, "SABOTAGE", create=True).add_new(1, "LO", phantom.dataset.PatientID)


def _overlooked(samples: Array, header: Dataset, phantom: Phantom) -> None:
    _text_left(samples, header, phantom)


OVERLOOKED = "text-overlooked"
"""Text that no detector found: it is left, and neither masks nor regions know of it."""

SABOTAGES: dict[str, Sabotage] = {
    OVERLOOKED: _overlooked,
    "text-left": _text_left,
    "frame-left": _frame_left,
    "half-a-box-left": _shifted,
    "faint-text-left": _faint,
    "samples-changed-elsewhere": _elsewhere,
    "name-left-in-header": _name_left,
    "id-left-in-header": _id_left,
}


class VerifierContract(Contract):
    """At least one check a case; none fails on a clean output, one fails on each sabotage that the verifier is there to catch.

    ``catches`` names those of ``SABOTAGES``. ``phantom_names`` are the pictures to work on; a frame can only be left in one
    with several.
    """

    kind = "verifier"
    catches: ClassVar[frozenset[str]] = frozenset()
    phantom_names: ClassVar[tuple[str, ...]] = ("us", "ct")

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in self.phantom_names]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "sabotage" in metafunc.fixturenames:
            cases = [(name, sabotage) for name in self.phantom_names for sabotage in sorted(self.catches)]
            single = [(n, s) for n, s in cases if s != "frame-left" or make(n).frame_count > 1]
            metafunc.parametrize(("phantom_name", "sabotage"), single)
        elif "phantom_name" in metafunc.fixturenames:
            metafunc.parametrize("phantom_name", self.phantom_names)

    def case(self, folder: Path, context: Callable[..., Context], name: str, sabotage: str | None = None) -> Case:
        """A case whose output was made without any plugin: every drawn word blanked, only harmless attributes kept."""
        phantom = make(name)
        before = PlainImage(phantom.write(folder / "before.dcm"))
        samples = phantom.samples.copy()
        blank = before.frame(0).black
        for text in phantom.texts:
            x0, y0, x1, y1 = text.box
            samples[list(text.frames), y0:y1, x0:x1] = blank if samples.ndim == 4 else blank[0]
        header = harmless(phantom.dataset)
        if sabotage is not None:
            SABOTAGES[sabotage](samples, header, phantom)
        after = PlainImage(_write(header, samples, folder / "after.dcm"))
        unknown = phantom.boxes(0, "phi")[0] if sabotage == OVERLOOKED else None
        regions = {
            frame: tuple(
                Region(text.box, 0.9, "truth", "identity", Action.REDACT, "drawn", text.text)
                for text in phantom.texts
                if frame in text.frames and text.box != unknown
            )
            for frame in range(phantom.frame_count)
        }
        masks = {frame: tuple(region.box for region in found) for frame, found in regions.items()}
        told = context(before.header, detectors=("truth",), seconds=280.0)
        return Case(before, after, after.path, masks, regions, (), told)

    def test_a_clean_output_passes(
        self, component: Any, context: Callable[..., Context], tmp_path: Path, phantom_name: str
    ) -> None:
        checks = component.verify(self.case(tmp_path, context, phantom_name))
        assert checks, "no check was made"
        assert [check.name for check in checks if check.status is Status.FAILED] == []

    def test_a_sabotaged_output_fails(
        self, component: Any, context: Callable[..., Context], tmp_path: Path, phantom_name: str, sabotage: str
    ) -> None:
        checks = component.verify(self.case(tmp_path, context, phantom_name, sabotage))
        assert failed(checks), f"{sabotage} was not noticed"
        assert_private("\n".join(f"{check.name} {check.detail}" for check in checks), make(phantom_name))

    def test_files_are_only_read(
        self, component: Any, context: Callable[..., Context], tmp_path: Path, phantom_name: str
    ) -> None:
        case = self.case(tmp_path, context, phantom_name)
        files = [case.path.read_bytes(), case.before.path.read_bytes()]
        component.verify(case)
        assert [case.path.read_bytes(), case.before.path.read_bytes()] == files

    def test_same_in_same_out(self, component: Any, context: Callable[..., Context], tmp_path: Path, phantom_name: str) -> None:
        case = self.case(tmp_path, context, phantom_name)
        first, second = (component.verify(replace(case)) for _ in range(2))
        assert [(check.name, check.status) for check in first] == [(check.name, check.status) for check in second]


def failed(checks: Sequence[Check]) -> bool:
    return any(check.status is Status.FAILED for check in checks)


DUMMIES = {"PN": "ANONYMOUS", "LO": "NONE", "SH": "NONE", "ST": "NONE", "LT": "NONE", "AE": "NONE", "CS": "NONE"}
DUMMIES |= {"DA": "19000101", "TM": "000000", "DT": "19000101000000"}


def harmless(dataset: Dataset) -> Dataset:
    """A new header with the attributes of ``dataset``; what identifies anybody has a dummy value or is not there."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    planted = {name for name in dataset.dir() if name in PLANTED}
    kept = (e for e in dataset if e.VR != "SQ" and not e.tag.is_private and e.tag.group < 0x6000 and e.keyword not in planted)
    made = Dataset({element.tag: element for element in kept})
    for number, keyword in enumerate(sorted(planted)):
        element = dataset[keyword]
        setattr(made, keyword, f"2.25.{1000 + number}" if element.VR == "UI" else DUMMIES[element.VR])
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = UID(dataset.SOPClassUID)
    made.file_meta.MediaStorageSOPInstanceUID = UID(made.SOPInstanceUID)
    made.PatientSex, made.PatientIdentityRemoved = "", "YES"
    return made


def _write(header: Dataset, samples: Array, path: Path) -> Path:
    data = np.ascontiguousarray(samples).tobytes()
    header.add_new(0x7FE00010, "OW" if header.BitsAllocated > 8 else "OB", data + b"\x00" * (len(data) % 2))
    header.save_as(path, enforce_file_format=True)
    return path
