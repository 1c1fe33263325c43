"""What every classifier promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from deidkit.testing.contracts.base import Contract, assert_private, header_fingerprint
from deidkit.testing.images import PlainImage
from deidkit.testing.phantoms import NAMES, Phantom, make
from deidkit.types import KINDS, Labels

MODALITY = re.compile(r"[A-Z][A-Z0-9_ ]{0,15}")


class ClassifierContract(Contract):
    """Labels hold defined terms with probabilities, never a header value; the image stays as it was.

    ``knows`` says which modality it has to give for which phantom.
    """

    kind = "classifier"
    knows: ClassVar[Mapping[str, str]] = {"us": "US", "cr": "CR", "ct": "CT", "mr": "MR", "mg": "MG", "es": "ES"}

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in NAMES]

    def check(self, labels: Labels, phantom: Phantom) -> None:
        modality, kind = labels.modality.value, labels.kind.value
        assert modality is None or MODALITY.fullmatch(modality)
        assert kind is None or kind in KINDS
        for label in (labels.modality, labels.kind, labels.manufacturer, labels.quality):
            assert 0.0 <= label.confidence <= 1.0
        assert_private(repr(labels), phantom)

    def test_labels_are_defined_terms(self, component: Any, phantom_file: Callable[..., tuple[Path, Phantom]]) -> None:
        for name in NAMES:
            path, phantom = phantom_file(name)
            image = PlainImage(path)
            before = header_fingerprint(image.header)
            self.check(component.classify(image), phantom)
            assert header_fingerprint(image.header) == before, "the classifier changed the header"

    def test_knows_what_it_says_it_knows(self, component: Any, phantom_file: Callable[..., tuple[Path, Phantom]]) -> None:
        given = {name: component.classify(PlainImage(phantom_file(name)[0])).modality.value for name in self.knows}
        assert given == dict(self.knows)

    def test_same_in_same_out(self, component: Any, phantom_file: Callable[..., tuple[Path, Phantom]]) -> None:
        path, _ = phantom_file("ct")
        assert component.classify(PlainImage(path)) == component.classify(PlainImage(path))

    def test_a_bare_header_gets_an_answer_too(self, component: Any, phantom_file: Callable[..., tuple[Path, Phantom]]) -> None:
        from pydicom.uid import UID

        path, phantom = phantom_file("mr")
        for keyword in ("Modality", "Manufacturer", "ManufacturerModelName", "ImageType", "SOPClassUID"):
            delattr(phantom.dataset, keyword)
        phantom.dataset.file_meta.MediaStorageSOPClassUID = UID("1.2.3.4")
        self.check(component.classify(PlainImage(phantom.write(path))), phantom)

    def test_a_header_that_contradicts_itself_is_not_believed(
        self, component: Any, phantom_file: Callable[..., tuple[Path, Phantom]]
    ) -> None:
        path, phantom = phantom_file("ct")
        phantom.dataset.Modality = "US"
        labels = component.classify(PlainImage(phantom.write(path)))
        assert labels.conflict or labels.modality.value is None
