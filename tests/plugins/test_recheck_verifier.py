"""The recheck verifier: with tesseract as the other eyes, and with toy detectors that hang, lie or are all there is."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MultiFrameGrayscaleByteSecondaryCaptureImageStorage

import deidkit_recheck
import deidkit_tesseract
from deidkit.components import Component, Options
from deidkit.errors import EnvironmentFault, StageTimeout
from deidkit.hookspecs import hookimpl
from deidkit.registry import Registry
from deidkit.testing.contracts import VerifierContract
from deidkit.testing.images import PlainImage
from deidkit.types import Action, Case, Identifier, Identifiers, Region, Status
from deidkit_recheck.readers import SAMPLE

BOX = (40, 40, 220, 70)


class Toy:
    """Reads the sample; answers every other picture with ``text`` at ``score``, or hangs."""

    def __init__(self, text=None, score=0.95, hangs=False, blind=False):
        self.text, self.score, self.hangs, self.blind = text, score, hangs, blind
        self.shapes, self.pictures = [], []

    def looked(self, picture):
        return any(np.array_equal(shown, picture) for shown in self.pictures)

    def detect(self, frames, context):
        if context.profile == "sample":
            return [[] if self.blind else [Region((0, 0, 9, 9), 1.0, "toy", text=SAMPLE, text_score=1.0)]]
        if self.hangs:
            raise StageTimeout("toy-time-limit", "no answer")
        self.shapes += [frame.shape for frame in frames]
        self.pictures += [frame.view() for frame in frames]
        return [[Region(BOX, 1.0, "toy", text=self.text, text_score=self.score)] for _ in frames]


def plugin(**toys):
    def components():
        return [Component("detector", name, Options, lambda _, toy=toy: toy, "toy") for name, toy in toys.items()]

    return SimpleNamespace(deidkit_components=hookimpl(components))


def verifier(detector="auto", views=("plain", "faint"), unread="warn", **toys):
    options = {"detector": detector, "views": views, "unread": unread}
    return Registry.of({"recheck": deidkit_recheck, "toys": plugin(**toys)}).build("verifier", "recheck", options)


@pytest.fixture
def case(context, tmp_path):
    """``case(*frames)``: a file of these frames against itself; every argument may be left out."""

    def made(*frames, regions=(), detectors=("first",), identifiers=None):
        image = PlainImage(write(frames or (np.zeros((100, 300), np.uint8),), tmp_path / "a.dcm"))
        told = context(detectors=detectors, identifiers=identifiers or Identifiers())
        return Case(image, image, image.path, {}, {0: tuple(regions)}, (), told)

    return made


def write(frames, path):
    """Eight-bit frames as one DICOM file."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID, made.SOPInstanceUID = MultiFrameGrayscaleByteSecondaryCaptureImageStorage, "2.25.7"
    made.Rows, made.Columns = frames[0].shape
    made.SamplesPerPixel, made.PhotometricInterpretation, made.NumberOfFrames = 1, "MONOCHROME2", len(frames)
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = b"".join(frame.tobytes() for frame in frames)
    made["PixelData"].VR = "OB"
    made.save_as(path, enforce_file_format=True)
    return path


def statuses(checks):
    """Of the reading; the rendering has tests of its own."""
    assert [check.status for check in checks if check.name == "rendering"] in ([], [Status.PASSED])
    return {check.name: check.status for check in checks if check.name != "rendering"}


@pytest.fixture(scope="module")
def with_tesseract():
    return Registry.of({"recheck": deidkit_recheck, "tesseract": deidkit_tesseract}).build("verifier", "recheck", {})


@pytest.mark.needs("tesseract")
class TestContract(VerifierContract):
    phantom_names = ("us",)
    catches = frozenset({"text-left", "half-a-box-left", "faint-text-left", "frame-left"})

    @pytest.fixture
    def component(self, with_tesseract):
        return with_tesseract


@pytest.mark.needs("tesseract")
def test_text_in_one_frame_of_many_is_found(case, with_tesseract):
    frames = [np.full((160, 480), 20, np.uint8) for _ in range(40)]
    assert statuses(with_tesseract.verify(case(*frames))) == {"recheck": Status.PASSED}
    cv2.putText(frames[23], "OKONKWO ADAEZE", (30, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 250, 2, cv2.LINE_AA)
    checks = with_tesseract.verify(case(*frames))
    assert checks[0].status is Status.FAILED and checks[0].measured["frames"] <= 6
    place = [checks[0].measured[name] for name in ("frame", "x0", "y0", "x1", "y1")]
    assert place[0] in (23, -1) and place[1] < 60 and place[3] > 300 and 50 < place[2] < place[4] < 100


def test_confident_text_fails_and_its_words_are_not_told(case):
    checks = verifier(second=Toy("HAVERKAMP")).verify(case())
    assert statuses(checks) == {"recheck": Status.FAILED}
    assert checks[0].measured["texts"] >= 1 and checks[0].measured["confidence"] == 0.95
    assert [checks[0].measured[name] for name in ("frame", "x0", "y0", "x1", "y1")] == [0, *BOX]
    assert "HAVERKAMP" not in repr(checks)


@pytest.mark.parametrize(
    "toy", [Toy(None), Toy(""), Toy("HAVERKAMP", 0.5), Toy("HAVE", 0.7), Toy("LI"), Toy("IIIIII"), Toy("--..--")]
)
def test_bare_boxes_single_letters_and_weak_readings_do_not_fail(case, toy):
    assert statuses(verifier(second=toy).verify(case()))["recheck"] is Status.PASSED


@pytest.mark.parametrize(("unread", "status"), [("warn", Status.WARNED), ("quarantine", Status.FAILED)])
def test_a_line_that_nobody_could_read_is_not_proven_to_be_none(case, unread, status):
    checks = verifier(second=Toy("~", 0.1), unread=unread).verify(case())
    assert statuses(checks) == {"recheck": Status.PASSED, "recheck-unread": status}
    told = next(check for check in checks if check.name == "recheck-unread").measured
    assert [told[name] for name in ("frame", "x0", "y0", "x1", "y1")] == [0, *BOX]


def test_what_was_read_or_kept_is_not_unread(case):
    kept = Region(BOX, 0.9, "first", "laterality", Action.KEEP, "marker")
    assert statuses(verifier(second=Toy("LI")).verify(case())) == {"recheck": Status.PASSED}
    assert statuses(verifier(second=Toy("~", 0.1)).verify(case(regions=[kept]))) == {"recheck": Status.PASSED}


def test_what_is_read_only_enlarged_fails_the_file(case):
    class Slow(Toy):
        def detect(self, frames, context):
            found = super().detect(frames, context)
            large = context.profile != "sample" and len(self.shapes) > 1
            return [[Region((20, 20, 200, 60), 1.0, "toy", text="HAVERKAMP", text_score=0.9)]] if large else found

    checks = verifier(second=Slow("~", 0.1), views=("plain",)).verify(case())
    assert statuses(checks) == {"recheck": Status.FAILED} and checks[0].measured["pictures"] == 2
    assert BOX[0] <= checks[0].measured["x0"] and checks[0].measured["x1"] <= BOX[2]


def test_a_known_identifier_fails_at_lower_confidence(case):
    known = Identifiers(
        frozenset({Identifier("name", "PatientName", "Häverkamp^Greta"), Identifier("id", "PatientID", "X7-9")})
    )
    for text in ("HAVERKAMP", "hav3rkamp GRETA", "x79"):
        check = verifier(second=Toy(text, 0.5)).verify(case(identifiers=known))[0]
        expected = Status.FAILED if text != "x79" else Status.PASSED
        assert (check.status, check.measured["known"] > 0) == (expected, expected is Status.FAILED)


def test_what_the_policy_kept_may_stay(case):
    kept = Region(BOX, 0.9, "first", "laterality", Action.KEEP, "marker")
    gone = Region(BOX, 0.9, "first", "identity", Action.REDACT, "name")
    toy = verifier(second=Toy("LEFT LATERAL"))
    assert statuses(toy.verify(case(regions=[kept]))) == {"recheck": Status.PASSED}
    assert statuses(toy.verify(case(regions=[gone]))) == {"recheck": Status.FAILED}


@pytest.mark.parametrize(("text", "status"), [("MILLERAP", "failed"), ("PX405178", "failed"), ("AP 0412 cm", "passed")])
def test_a_known_identifier_in_a_kept_box_fails_all_the_same(case, text, status):
    who = Identifiers(
        frozenset(
            {
                Identifier("name", "PatientName", "Miller^Anna"),
                Identifier("id", "PatientID", "PX405178"),
                Identifier("date", "PatientBirthDate", "19610412"),
            }
        )
    )
    kept = Region(BOX, 0.9, "first", "position", Action.KEEP, "marker")
    checks = verifier(toy=Toy(text)).verify(case(regions=[kept], identifiers=who))
    assert statuses(checks)["recheck"].value == status


def test_another_family_is_asked_first(case):
    first, second = Toy("HAVERKAMP"), Toy("HAVERKAMP")
    assert statuses(verifier(first=first, second=second).verify(case())) == {"recheck": Status.FAILED}
    assert second.shapes and not first.shapes


def test_a_reader_that_detected_looks_last_and_at_further_pictures_only(case):
    first, second = Toy(), Toy()
    picture = np.arange(30000, dtype=np.uint32).reshape(100, 300).astype(np.uint8)
    checks = verifier(first=first, second=second).verify(case(picture))
    assert statuses(checks) == {"recheck": Status.PASSED}
    assert second.looked(picture) and first.shapes and not first.looked(picture)


def test_what_only_the_second_reader_reads_fails_the_file(case):
    checks = verifier(one=Toy(), two=Toy("HAVERKAMP")).verify(case())
    assert statuses(checks) == {"recheck": Status.FAILED}
    checks = verifier("one", one=Toy(), two=Toy("HAVERKAMP")).verify(case())
    assert statuses(checks) == {"recheck": Status.PASSED}


def test_every_picture_is_read_whatever_the_detectors_found(case):
    """No network stands before the proof: a frame in which nothing was found is looked at all the same."""
    toy = Toy()
    picture = np.zeros((100, 300), np.uint8)
    verifier(second=toy).verify(case(picture, picture, picture))
    assert sum(shown.shape == picture.shape for shown in toy.pictures) >= 3


def test_the_same_family_looks_in_more_contrasts_and_says_so(case):
    alone, other = Toy(), Toy()
    checks = verifier(first=alone).verify(case())
    assert statuses(checks) == {"recheck": Status.PASSED, "recheck-not-independent": Status.WARNED}
    verifier(second=other).verify(case())
    assert len(alone.shapes) > len(other.shapes) and len(set(alone.shapes)) > 1


def test_a_detector_that_hangs_hands_over_with_a_warning_or_fails(case):
    checks = verifier(first=Toy(), second=Toy(hangs=True)).verify(case())
    assert statuses(checks) == {
        "recheck": Status.PASSED,
        "recheck-time-limit": Status.WARNED,
        "recheck-not-independent": Status.WARNED,
    }
    assert statuses(verifier(second=Toy(hangs=True)).verify(case()))["recheck"] is Status.FAILED


def test_eyes_that_cannot_read_a_sample_vouch_for_nothing():
    with pytest.raises(EnvironmentFault, match="no detector"):
        verifier(second=Toy(blind=True))
    with pytest.raises(EnvironmentFault, match="'second'"):
        verifier("second", first=Toy(), second=Toy(blind=True))
    with pytest.raises(EnvironmentFault, match="'absent'"):
        verifier("absent", first=Toy())


def test_objects_without_pixels_pass(case):
    empty = case()
    bare = dcmread(empty.path)
    del bare.PixelData
    bare.save_as(empty.path)
    empty.after.frame_count = 0
    assert statuses(verifier(second=Toy("NAME")).verify(empty)) == {"recheck": Status.PASSED}


def test_the_record_says_where_each_text_was_left(case):
    """One box around two texts in opposite corners would show a reviewer the whole picture."""
    second = (40, 80, 220, 95)

    class Two(Toy):
        def detect(self, frames, context):
            found = super().detect(frames, context)
            return [[*one, *(Region(second, 1.0, "toy", text=self.text, text_score=self.score) for _ in one)] for one in found]

    measured = verifier(second=Two("HAVERKAMP")).verify(case())[0].measured
    for suffix, box in (("", (40, 40, 220, 95)), ("_1", BOX), ("_2", second)):
        assert tuple(measured[corner + suffix] for corner in ("x0", "y0", "x1", "y1")) == box
