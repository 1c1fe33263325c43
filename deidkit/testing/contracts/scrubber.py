"""What every scrubber promises."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from deidkit.headers.working_copy import working_copy
from deidkit.testing.contracts.base import Contract, assert_private, header_fingerprint
from deidkit.testing.images import PlainImage
from deidkit.testing.phantoms import NAMES, Phantom, Planted, leaks, make
from deidkit.types import Context, HeaderChange

if TYPE_CHECKING:
    from pydicom import Dataset

PATH = re.compile(r"(\([0-9A-Fa-f]{4},[0-9A-FaxX]{4}\)(\[\d+\])?\.?)+")


def written(header: Dataset) -> bytes:
    """The bytes of a header as a data set in Explicit VR Little Endian, without file meta information."""
    import pydicom

    buffer = io.BytesIO()
    bare = pydicom.Dataset({element.tag: element for element in header})
    pydicom.dcmwrite(buffer, bare, implicit_vr=False, little_endian=True)
    return buffer.getvalue()


class ScrubberContract(Contract):
    """Works in place on the copy it is given, leaves the original alone, says where it changed what and never the values.

    ``clears`` are the kinds of planted identifier that have to be gone afterwards; name those that the component is for.
    """

    kind = "scrubber"
    clears: ClassVar[frozenset[str]] = frozenset({"name", "id", "date", "time", "address", "phone", "institution", "uid"})
    phantoms: ClassVar[tuple[str, ...]] = NAMES

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in self.phantoms]

    def scrubbed(self, component: Any, path: Path, context: Callable[..., Context]) -> tuple[Dataset, list[HeaderChange]]:
        original = PlainImage(path).header
        copy = working_copy(original)
        before = header_fingerprint(original)
        changes = component.scrub(copy, context(original))
        assert header_fingerprint(original) == before, "the scrubber changed the original header"
        return copy, changes

    def test_planted_identifiers_are_gone(
        self, component: Any, context: Callable[..., Context], phantom_file: Callable[..., tuple[Path, Phantom]]
    ) -> None:
        for name in self.phantoms:
            path, phantom = phantom_file(name)
            header, _ = self.scrubbed(component, path, context)
            left = leaks(written(header), self.in_header(phantom))
            assert not left, f"still there: {', '.join(item.where for item in left)}"

    def in_header(self, phantom: Phantom) -> list[Planted]:
        """What is planted in the data set itself; the envelope around it is the format's business."""
        outside = ("(0002,", "preamble", "(FFFC,")
        return [item for item in phantom.planted if item.kind in self.clears and not item.where.startswith(outside)]

    def test_changes_name_places_not_values(
        self, component: Any, context: Callable[..., Context], phantom_file: Callable[..., tuple[Path, Phantom]]
    ) -> None:
        path, phantom = phantom_file(self.phantoms[0])
        _, changes = self.scrubbed(component, path, context)
        assert changes
        for change in changes:
            assert PATH.fullmatch(change.path), "a change names a tag path such as (0008,1140)[0].(0008,1155)"
            assert change.action and change.source
        assert_private("\n".join(map(repr, changes)), phantom)

    def test_same_in_same_out(
        self, component: Any, context: Callable[..., Context], phantom_file: Callable[..., tuple[Path, Phantom]]
    ) -> None:
        path, _ = phantom_file(self.phantoms[0])
        (one, first), (two, second) = (self.scrubbed(component, path, context) for _ in range(2))
        assert written(one) == written(two)
        assert first == second

    def test_uids_stay_one_to_one(
        self, component: Any, context: Callable[..., Context], phantom_file: Callable[..., tuple[Path, Phantom]]
    ) -> None:
        path, phantom = phantom_file(self.phantoms[0])
        header, _ = self.scrubbed(component, path, context)
        phantom.dataset.SOPInstanceUID += ".1"
        other, _ = self.scrubbed(component, phantom.write(path), context)
        assert header.StudyInstanceUID == other.StudyInstanceUID, "one study became two"
        assert header.SOPInstanceUID != other.SOPInstanceUID, "two objects became one"

    def test_an_empty_header_is_no_fault(self, component: Any, context: Callable[..., Context]) -> None:
        from pydicom import Dataset

        header = Dataset()
        component.scrub(header, context(Dataset()))
        written(header)
