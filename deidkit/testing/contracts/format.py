"""What every format promises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deidkit.errors import ItemError, OverBudget
from deidkit.headers.working_copy import working_copy
from deidkit.image import Image
from deidkit.imaging.boxes import covered, rasterise
from deidkit.interfaces import EncodedImage
from deidkit.limits import Limits
from deidkit.testing.contracts.base import Contract, assert_private
from deidkit.testing.phantoms import NAMES, Phantom, make
from deidkit.types import Edit, Patch

BOX = (11, 7, 43, 29)


class FormatContract(Contract):
    """Frames as they are stored, views of the same size, edits that touch nothing outside their boxes, faults that quarantine.

    Override ``files`` with the paths of a few small files of the format, at least 64 x 64 pixels each.
    """

    kind = "format"

    def seen(self) -> Sequence[Phantom]:
        return [make(name) for name in NAMES]

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        return [make(name).write(tmp_path / f"{name}.dcm") for name in NAMES]

    def test_recognises_its_own_files_alone(self, component: Any, files: list[Path]) -> None:
        assert all(component.sniff(path.read_bytes()[:4096]) for path in files)
        others = [b"", b"\x00" * 4096, b"plain text, nothing else\n" * 100, np.random.default_rng(1).bytes(4096)]
        assert not any(component.sniff(head) for head in others)

    def test_frames_and_views_fit_together(self, component: Any, files: list[Path]) -> None:
        for path in files:
            image = component.open(path, Limits())
            frames = list(image.frames())
            assert len(frames) == image.frame_count
            assert image.is_picture is True, "phantoms are pictures"
            assert [frame.index for frame in frames] == list(range(image.frame_count))
            for frame in frames[:2]:
                self.check_frame(frame)

    def check_frame(self, frame: Any) -> None:
        assert frame.samples.shape[:2] == frame.shape
        assert not frame.samples.flags.writeable
        channels = frame.samples.shape[2] if frame.samples.ndim == 3 else 1
        assert len(frame.black) == channels, "black has one value a sample"
        assert frame.views
        for name in frame.views:
            view = frame.view(name)
            assert view.dtype == np.uint8
            assert view.shape[:2] == frame.shape
            assert view.ndim == 2 or view.shape[2] == 3

    def test_unedited_frames_come_back_as_they_were(self, component: Any, files: list[Path], tmp_path: Path) -> None:
        for path in files:
            image = component.open(path, Limits())
            again, masks = self.saved(component, image, [], tmp_path)
            assert not any(masks.values())
            assert again.frame_count == image.frame_count
            for frame, copy in zip(image.frames(), again.frames(), strict=True):
                assert np.array_equal(frame.samples, copy.samples)
                assert frame.samples.dtype == copy.samples.dtype

    def test_a_black_box_is_black_and_nothing_else_changes(self, component: Any, files: list[Path], tmp_path: Path) -> None:
        for path in files:
            image = component.open(path, Limits())
            last = image.frame_count - 1
            again, masks = self.saved(component, image, [Edit(last, (Patch(BOX),), "contract")], tmp_path)
            assert covered(BOX, masks[last]) == 1.0, "the mask does not cover the patch"
            for frame, copy in zip(image.frames(), again.frames(), strict=True):
                outside = ~rasterise(masks.get(frame.index, ()), frame.shape)
                assert np.array_equal(frame.samples[outside], copy.samples[outside]), "samples outside the mask changed"
            x0, y0, x1, y1 = BOX
            shown = again.frame(last)
            assert (shown.samples[y0:y1, x0:x1].reshape(-1, len(shown.black)) == shown.black).all()
            assert (shown.view()[y0:y1, x0:x1] <= shown.view().min()).all(), "the box is not the darkest thing on a viewer"

    def test_written_files_hold_nothing_that_their_samples_do_not_need(
        self, component: Any, files: list[Path], tmp_path: Path
    ) -> None:
        for path in files:
            image = component.open(path, Limits())
            for edits in ([], [Edit(0, (Patch(BOX),), "contract")]):
                again, _ = self.saved(component, image, edits, tmp_path)
                if isinstance(again, EncodedImage):
                    assert not any(again.surplus(index) for index in range(again.frame_count))

    def test_new_samples_are_written_as_given(self, component: Any, files: list[Path], tmp_path: Path) -> None:
        x0, y0, x1, y1 = BOX
        for path in files:
            image = component.open(path, Limits())
            fill = image.frame(0).samples[y0:y1, x0:x1][::-1].copy()
            again, _ = self.saved(component, image, [Edit(0, (Patch(BOX, fill),), "contract", generated=True)], tmp_path)
            assert np.array_equal(again.frame(0).samples[y0:y1, x0:x1], fill)

    def saved(self, component: Any, image: Image, edits: list[Edit], folder: Path) -> tuple[Image, Any]:
        target = folder / f"saved-{len(list(folder.iterdir()))}{component.suffix(image, edits)}"
        before = image.path.read_bytes()
        masks = component.save(image, working_copy(image.header), edits, target)
        assert image.path.read_bytes() == before, "the input file was touched"
        return component.open(target, Limits()), masks

    def test_same_in_same_out(self, component: Any, files: list[Path], tmp_path: Path) -> None:
        edits = [Edit(0, (Patch(BOX),), "contract")]
        for path in files[:3]:
            image = component.open(path, Limits())
            first, second = (self.saved(component, image, edits, tmp_path)[0] for _ in range(2))
            assert first.path.read_bytes() == second.path.read_bytes()

    def test_damage_is_an_item_error_without_identifiers(self, component: Any, files: list[Path], tmp_path: Path) -> None:
        for number, path in enumerate(files[:4]):
            whole = path.read_bytes()
            for share in (0.05, 0.4, 0.9):
                broken = tmp_path / f"broken-{number}-{share}{path.suffix}"
                broken.write_bytes(whole[: int(len(whole) * share)])
                with pytest.raises(ItemError) as caught:
                    self.read_all(component, broken)
                assert_private(str(caught.value), *self.seen())

    def read_all(self, component: Any, path: Path) -> int:
        return sum(frame.samples.size for frame in component.open(path, Limits()).frames())

    def test_budgets_hold_before_decoding(self, component: Any, files: list[Path]) -> None:
        for path in files:
            with pytest.raises(OverBudget):
                list(component.open(path, Limits(frame_bytes=1000)).frames())
