"""Labels and measurements leave as they came, bit for bit, or not at all, whatever a profile or a plugin would do to them."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, dcmread
from storage_classes import header_only, with_pixels

from deidkit.batch.worker import Spec
from deidkit.errors import InvariantBroken, ProfileError
from deidkit.imaging.samples import are_a_picture, bits, identical
from deidkit.item import stages
from deidkit.item.engine import Answer, Engine
from deidkit.item.pipeline import Chain
from deidkit.item.pipeline import build as build_chain
from deidkit.item.task import Task
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.profiles.profile_set import ProfileSet
from deidkit.registry import installed
from deidkit.types import Case, Context, Deadline, Edit, Labels, Patch
from deidkit_dicom.part10 import syntaxes as s

KEYS = Keys(bytes(range(32)))
SEG, CAPTURE, CT = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.2"
REDACTING = """\
profile: redacting
schema_version: 1
detect: [{use: catalog}]
decide: {use: policy}
redact: {use: blackbox}
scrub: [{use: ps315}]
verify: [{use: sweep}]
"""
SYNTAXES = {"explicit": s.EXPLICIT_LE, "implicit": s.IMPLICIT_LE, "big endian": s.EXPLICIT_BE, "deflated": s.DEFLATED_LE}


@pytest.fixture(scope="module")
def chosen() -> Engine:
    return Spec(KEYS).engine()


@pytest.fixture(scope="module")
def redacting(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path = tmp_path_factory.mktemp("profile") / "redacting.yaml"
    path.write_text(REDACTING)
    return Spec(KEYS, str(path)).engine()


def processed(engine: Engine, made: Dataset, folder: Path) -> tuple[Answer, Path]:
    made.preamble = bytes(128)
    made.save_as(folder / "in.dcm")
    return engine.process(Task(0, folder / "in.dcm", folder / "out.dcm")), folder / "out.dcm"


def codes(answer: Answer) -> list[str]:
    return [reason.partition(":")[0] for reason in answer.reasons]


def picture(sop_class: str, modality: str) -> Dataset:
    made = with_pixels(header_only(sop_class, 3), np.full((1, 40, 60), 7, np.uint8))
    made.Modality = modality
    return made


def mask(syntax: str = s.EXPLICIT_LE, frames: int = 3, rows: int = 9, columns: int = 5) -> Dataset:
    """A binary segmentation whose frames end inside bytes, with ones in the bits after the last of them."""
    made = header_only(SEG, 2)
    made.Modality, made.SegmentationType = "SEG", "BINARY"
    made.file_meta.TransferSyntaxUID = syntax
    made.NumberOfFrames, made.Rows, made.Columns = frames, rows, columns
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 1, 1, 0
    samples = np.random.default_rng(1).integers(0, 2, frames * rows * columns, np.uint8)
    raw = bytearray(np.packbits(np.append(samples, np.ones(-len(samples) % 8, np.uint8)), bitorder="little").tobytes())
    made.add_new(0x7FE00010, "OB", bytes(raw) + b"\0" * (len(raw) % 2))
    return made


@pytest.mark.parametrize("name", SYNTAXES)
def test_single_bits_stay_with_those_that_only_fill_the_last_byte(name: str, chosen: Engine, tmp_path: Path) -> None:
    made = mask(SYNTAXES[name])
    answer, target = processed(chosen, made, tmp_path)
    assert (answer.outcome, answer.profile, answer.regions) == ("released", "seg", {})
    assert dcmread(target).PixelData == made.PixelData


def pixel_bytes(path: Path) -> bytes:
    """The value of the pixel data, as it is written."""
    made = dcmread(path)
    return bytes(next(made[tag].value for tag in (0x7FE00008, 0x7FE00009, 0x7FE00010) if tag in made))


BROKEN = {"badVR": ["pixel-module-invalid"]}
"""Files whose headers are broken, with the codes of their quarantine."""


def real_objects() -> list[Path]:
    """What the installed pydicom brings whose header says that its samples are no picture."""
    files = sorted((Path(pydicom.__file__).parent / "data" / "test_files").rglob("*.dcm"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [path for path in files if not are_a_picture(dcmread(path, force=True, stop_before_pixels=True))]


@pytest.mark.parametrize("source", real_objects(), ids=lambda path: path.stem)
def test_real_masks_and_doses_stay(source: Path, chosen: Engine, tmp_path: Path) -> None:
    answer = chosen.process(Task(0, source, tmp_path / "out.dcm"))
    if source.stem in BROKEN:
        assert (answer.outcome, codes(answer)) == ("quarantined", BROKEN[source.stem])
    else:
        assert (answer.outcome, answer.reasons, answer.regions) == ("released", (), {})
        assert pixel_bytes(tmp_path / "out.dcm") == pixel_bytes(source)


def test_there_are_real_masks_and_doses() -> None:
    assert {"liver_1frame", "liver_expb_1frame", "rtdose", "rtdose_1frame"} <= {path.stem for path in real_objects()}


def test_a_profile_that_redacts_is_refused(redacting: Engine, tmp_path: Path) -> None:
    answer, target = processed(redacting, mask(), tmp_path)
    assert (answer.outcome, codes(answer), target.exists()) == ("quarantined", ["not-a-picture"], False)
    answer, _ = processed(redacting, picture(CT, "CT"), tmp_path)
    assert answer.outcome == "released"


def test_one_sign_is_enough_whatever_else_is_stated(chosen: Engine, redacting: Engine, tmp_path: Path) -> None:
    in_meta, with_segments, with_floats = (picture(CAPTURE, "OT") for _ in range(3))
    in_meta.file_meta.MediaStorageSOPClassUID = SEG
    segment = Dataset()
    segment.SegmentNumber = 1
    with_segments.SegmentSequence = [segment]
    del with_floats.PixelData
    with_pixels(with_floats, np.ones((1, 40, 60), np.float32))
    for made in (in_meta, with_segments, with_floats):
        assert codes(processed(chosen, made, tmp_path)[0]) == ["not-a-picture"]
        assert codes(processed(redacting, made, tmp_path)[0]) == ["not-a-picture"]


def test_a_profile_that_only_looks_is_for_no_picture(tmp_path: Path) -> None:
    engine = Spec(KEYS, "seg").engine()
    assert codes(processed(engine, picture(CT, "CT"), tmp_path)[0]) == ["profile-mismatch"]
    assert codes(processed(engine, header_only(SEG, 4), tmp_path)[0]) == ["pixels-missing"]


def test_it_needs_a_verifier_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("profile: mine\nschema_version: 1\nextends: inspect\nverify: [{use: equality}, {use: sweep}]\n")
    with pytest.raises(
        ProfileError, match=r"mine.yaml:4:9: .* needs a verifier that reads pixels; there are: inspection, recheck"
    ):
        ProfileSet.load(installed()).read(path)
    path.write_text("profile: mine\nschema_version: 1\nextends: inspect\nredact: {use: blackbox}\n")
    with pytest.raises(ProfileError, match="a profile with pixels: inspect has no stage redact"):
        ProfileSet.load(installed()).read(path)


@pytest.fixture
def looking() -> Chain:
    """A chain that looks and compares nothing by itself."""
    registry = installed()
    profile = ProfileSet.load(registry).get("seg")
    sweep = next(use for use in profile.verify if use.name == "sweep")
    object.__setattr__(profile, "verify", (sweep,))
    return build_chain(profile, registry)


def test_an_edit_is_never_written(looking: Chain, tmp_path: Path) -> None:
    mask().save_as(tmp_path / "in.dcm", enforce_file_format=True)
    target = installed().build("format", "dicom")
    image = target.open(tmp_path / "in.dcm", Limits())
    edits: Sequence[Edit] = [Edit(0, (Patch((0, 0, 2, 2)),), "test")]
    with pytest.raises(InvariantBroken, match="samples-edited"):
        stages.write(looking, target, image, image.header, edits, tmp_path / "out.dcm", stages.unheard)
    assert not (tmp_path / "out.dcm").exists()


def test_a_sample_that_differs_is_noticed_whatever_the_verifiers_look_at(looking: Chain, tmp_path: Path) -> None:
    made = with_pixels(header_only("1.2.840.10008.5.1.4.1.1.30", 2), np.full((2, 8, 8), np.nan, np.float32))
    made.save_as(tmp_path / "in.dcm", enforce_file_format=True)
    shutil.copy(tmp_path / "in.dcm", tmp_path / "same.dcm")
    raw = bytearray(made.FloatPixelData)
    raw[4 * 70] ^= 1  # another NaN, which no comparison of numbers would tell
    made.FloatPixelData = bytes(raw)
    made.save_as(tmp_path / "other.dcm", enforce_file_format=True)
    target = installed().build("format", "dicom")
    before = target.open(tmp_path / "in.dcm", Limits())
    context = Context(Labels(), "seg", (), KEYS, Deadline.after(60), before.header)
    case = Case(before, target.open(tmp_path / "same.dcm", Limits()), tmp_path / "same.dcm", {}, {}, (), context)
    assert stages.verify(looking, case, stages.unheard).checks
    case = Case(before, target.open(tmp_path / "other.dcm", Limits()), tmp_path / "other.dcm", {}, {}, (), context)
    with pytest.raises(InvariantBroken, match="samples-altered"):
        stages.verify(looking, case, stages.unheard)


def test_comparing_two_files_notices_a_blanked_mask(chosen: Engine, tmp_path: Path) -> None:
    made = mask()
    made.save_as(tmp_path / "before.dcm", enforce_file_format=True)
    made.PixelData = bytes(len(made.PixelData))
    made.save_as(tmp_path / "after.dcm", enforce_file_format=True)
    assert codes(chosen.compare(tmp_path / "before.dcm", tmp_path / "after.dcm")) == ["samples-altered"]


def test_bits_tell_what_values_do_not() -> None:
    zero, nan = np.zeros((2, 2), np.float64), np.full((2, 2), np.nan)
    assert not identical(zero, -zero) and identical(nan, nan.copy())
    assert not identical(zero, zero.astype(np.float32)) and not identical(zero, zero[:1])
    assert bits(np.ones((2, 2), np.int16)).dtype == np.int16


def test_an_empty_header_is_that_of_a_picture() -> None:
    assert are_a_picture(Dataset())
    with_grid = Dataset()
    with_grid.DoseGridScaling = "1e-5"
    assert not are_a_picture(with_grid)
