"""The tesseract detector with the program itself, and with others in its place."""

from __future__ import annotations

import stat
import sys

import cv2
import numpy as np
import pytest

from deidkit import types
from deidkit.errors import EnvironmentFault, ItemError, StageTimeout
from deidkit.imaging.boxes import covered
from deidkit.testing.contracts import DetectorContract
from deidkit.testing.images import frame_of
from deidkit_tesseract.detector import TesseractDetector
from deidkit_tesseract.options import TesseractOptions
from deidkit_tesseract.program import Program


def page():
    picture = np.zeros((200, 640), np.uint8)
    cv2.putText(picture, "MARCHETTI GIULIA 4711", (30, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 2, cv2.LINE_AA)
    ys, xs = np.nonzero(picture)
    return picture, (int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)


def fake(folder, body, monkeypatch):
    """A program called tesseract that knows one language and then runs ``body``."""
    script = folder / "tesseract"
    script.write_text(
        f"#!{sys.executable}\nimport sys, time\nif '--list-langs' in sys.argv:\n    print('eng'); sys.exit()\n{body}\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.needs("tesseract")
class TestContract(DetectorContract):
    recall = 0.5
    phantoms = ("us", "ct")

    @pytest.fixture
    def component(self):
        return TesseractDetector(TesseractOptions())


@pytest.mark.needs("tesseract")
@pytest.mark.parametrize("negative", [False, True])
def test_words_of_a_line_make_one_region_with_their_text(context, negative):
    picture, box = page()
    regions = TesseractDetector(TesseractOptions()).detect([frame_of(picture, negative=negative)], context())[0]
    line = max(regions, key=lambda region: covered(box, [region.box]))
    assert covered(box, [line.box]) >= 0.85 and "MARCHETTI" in line.text and line.text_score > 0.5
    assert "MARCHETTI" not in repr(regions)


@pytest.mark.needs("tesseract")
def test_confidence_is_a_floor(context):
    picture, _ = page()
    assert TesseractDetector(TesseractOptions(min_confidence=1.0)).detect([frame_of(picture)], context())[0] == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("option", "deadline"), [(0.5, 600.0), (600.0, 0.5)])
def test_a_program_that_never_answers_is_killed_in_time(context, tmp_path, monkeypatch, option, deadline):
    fake(tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(__import__('os').getpid())); time.sleep(600)", monkeypatch)
    detector = TesseractDetector(TesseractOptions(seconds=option))
    with pytest.raises(StageTimeout):
        detector.detect([frame_of(page()[0])], context(seconds=deadline))
    with pytest.raises(ProcessLookupError):
        __import__("os").kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.timeout(120)
def test_a_program_that_works_for_ever_is_ended_by_its_processor_time(context, tmp_path, monkeypatch):
    monkeypatch.setattr(types, "PATIENCE", 1e6)  # the clock alone would never end it
    fake(tmp_path, "while True: pass", monkeypatch)
    with pytest.raises(StageTimeout, match="tesseract-time-limit"):
        TesseractDetector(TesseractOptions(seconds=0.5)).detect([frame_of(page()[0])], context())


def test_a_program_that_has_to_wait_for_a_busy_machine_is_waited_for(context, tmp_path, monkeypatch):
    fake(tmp_path, "time.sleep(1.0)", monkeypatch)
    assert TesseractDetector(TesseractOptions(seconds=0.5)).detect([frame_of(page()[0])], context()) == [[]]


def test_a_program_that_fails_quarantines_and_says_nothing_of_its_output(context, tmp_path, monkeypatch):
    fake(tmp_path, "sys.stderr.write('MARCHETTI'); sys.exit(3)", monkeypatch)
    with pytest.raises(ItemError) as caught:
        TesseractDetector(TesseractOptions()).detect([frame_of(page()[0])], context())
    assert "MARCHETTI" not in str(caught.value) and caught.value.code == "tesseract-failed"


def test_a_missing_program_or_language_is_named_with_its_install_line(tmp_path, monkeypatch):
    fake(tmp_path, "", monkeypatch)
    with pytest.raises(EnvironmentFault, match="tesseract-ocr-xxx"):
        Program(["eng", "xxx"], 11)
    (tmp_path / "tesseract").unlink()
    with pytest.raises(EnvironmentFault, match="apt-get install"):
        Program(["eng"], 11)


@pytest.mark.needs("tesseract")
def test_pixels_never_touch_the_disk(context, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert TesseractDetector(TesseractOptions()).detect([frame_of(page()[0])], context())[0]
    assert list(tmp_path.iterdir()) == []
