"""What all contract classes share."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from deidkit.imaging.boxes import clip
from deidkit.interfaces import INTERFACES
from deidkit.testing.phantoms import Phantom, leaks

if TYPE_CHECKING:
    from pydicom import Dataset

    from deidkit.image import Frame
    from deidkit.types import Region


class Contract:
    """Inherit from the class of your kind, name the subclass ``Test...`` and override the fixture ``component``:

    class TestMine(DetectorContract):
        @pytest.fixture
        def component(self):
            return MyDetector(MyOptions())
    """

    kind: ClassVar[str]

    @pytest.fixture
    def component(self) -> Any:
        """The built component under test."""
        raise NotImplementedError(f"override the fixture `component` of {type(self).__name__}")

    @pytest.fixture(autouse=True)
    def _nothing_said(self, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[None]:
        """No test of a contract may make a component write an identifier to a log or to the terminal."""
        yield
        captured = capfd.readouterr()
        assert_private("\n".join([captured.out, captured.err, caplog.text]), *self.seen())

    def seen(self) -> Sequence[Phantom]:
        """The phantoms whose identifiers must not show up in what the component says."""
        return ()

    def test_satisfies_its_interface(self, component: Any) -> None:
        assert isinstance(component, INTERFACES[self.kind])


def assert_private(text: str, *phantoms: Phantom) -> None:
    """Fails when ``text`` holds a planted value or burned-in words of a phantom; the failure names places, not values."""
    found = [item.where for phantom in phantoms for item in leaks(text.encode(), phantom.planted)]
    found += [
        f"burned-in {word.kind}" for phantom in phantoms for word in phantom.texts if word.kind == "phi" and word.text in text
    ]
    assert not found, f"identifiers reached a message: {', '.join(found)}"


def assert_inside(regions: Sequence[Region], frame: Frame) -> None:
    """Fails on boxes that are empty, not integers or beyond the frame, and on scores beyond [0, 1]."""
    for region in regions:
        assert all(type(value) is int for value in region.box), "a box holds integers of Python, not of numpy"
        assert clip(region.box, frame.shape) == region.box, "a box is empty or not inside its frame"
        assert 0.0 <= region.score <= 1.0


def fingerprint(*frames: Frame) -> str:
    """Digest of the stored samples, to see whether a component changed them."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(frame.samples.tobytes())
    return digest.hexdigest()


def header_fingerprint(header: Dataset) -> str:
    """Digest of all attributes. Where a header changed, pytest would otherwise spell out megabytes of difference for hours."""
    return hashlib.sha256(header.to_json().encode()).hexdigest()
