"""What of a series is left after de-identification, as dcm2niix sees it.

    pip install dcm2niix
    python benchmarks/dcm2niix.py ../shared/data/series [--only NAME...] [--differences]

SERIES holds one folder a series. Every series is de-identified by its headers alone (nothing is looked for in pixels), once
under the built-in profiles as they are, and once under ``mr_research``, ``pet_research`` and, for all else, their options
set for every object by a site's ``base.yaml``. dcm2niix converts the series before and after. Compared are

- geometry: voxels, size, spacing and affine of every volume;
- diffusion: the b-values and b-vectors;
- timing: slice timing, phase encoding, readout, echo and repetition times of the sidecars;
- SUV, of PET: what the sidecars say of dose, decay and frame times, and the factor by body weight computed from the headers.

``same``, ``-`` where the input has none of it, or what is lost. Two PET series are made by the script, because no series of
SERIES is PET. dcm2niix is run as a program of its own; deidkit does not depend on it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage

import deidkit
from deidkit.batch.runner import Settings
from deidkit.headers.quiet import quiet
from deidkit.keys import Keys

ROOT = "1.2.826.0.1.3680043.9.7"
KEY = Keys(bytes(range(32)))
WITHOUT_DETECTORS = "detect: [{use: catalog}]\ndecide: {use: policy}\nredact: {use: blackbox}\nverify: [{use: sweep}]\n"
OPTIONS = (
    "retain: [safe_private, device_identity, patient_characteristics], "
    "clean: [descriptors, structured_content, graphics], dates: shift"
)
RULES = """
  rules:
    - {match: {kind: image, modality: MR}, profile: mr_research}
    - {match: {kind: image, modality: PT}, profile: pet_research}
"""
_TIMING = (
    "SliceTiming PhaseEncodingDirection PhaseEncodingAxis TotalReadoutTime EffectiveEchoSpacing RepetitionTime EchoTime "
    "InversionTime FlipAngle MultibandAccelerationFactor ParallelReductionFactorInPlane DwellTime PartialFourier "
    "PhaseEncodingSteps SliceEncodingDirection EchoTrainLength"
)
TIMING = tuple(_TIMING.split())
_SUV = (
    "Units InjectedRadioactivity InjectedRadioactivityUnits RadionuclideTotalDose RadionuclideHalfLife DecayCorrection "
    "RadionuclidePositronFraction DecayFactor DoseCalibrationFactor FrameTimesStart FrameDuration FrameReferenceTime "
    "ScatterFraction"
)
SUV = tuple(_SUV.split())
GEOMETRY = slice(40, 140), slice(252, 328)
"""Of a NIfTI-1 header: dimensions, spacing, scale, units and order of slices, and the two affines."""
PET = json.dumps("PT")
OVERLAY = "_ROI"
"""What dcm2niix writes bitmaps of overlays as."""
Volume = tuple[bytes, bytes]


class Converted:
    """What dcm2niix made of one folder: volumes, b-values and b-vectors, and the sidecars merged into one."""

    def __init__(self, folder: Path) -> None:
        volumes = sorted(folder.glob("*.nii"))
        self.volumes = sorted(_volume(path) for path in volumes if OVERLAY not in path.name)
        self.overlays = sum(OVERLAY in path.name for path in volumes)
        self.gradients = sorted(_numbers(path) for kind in ("bval", "bvec") for path in folder.glob(f"*.{kind}"))
        self.said: dict[str, list[str]] = {}
        for path in sorted(folder.glob("*.json")):
            for name, value in json.loads(path.read_text()).items():
                self.said.setdefault(name, []).append(json.dumps(value))
        self.said = {name: sorted(values) for name, values in self.said.items()}


def _volume(path: Path) -> Volume:
    raw = path.read_bytes()
    start = int(struct.unpack_from("<f", raw, 108)[0])
    return b"".join(raw[part] for part in GEOMETRY), raw[start:]


def _numbers(path: Path) -> tuple[float, ...]:
    return tuple(float(word) for word in path.read_text().split())


def convert(source: Path, target: Path) -> Converted:
    """Raises OSError where dcm2niix is not installed; what it cannot convert gives no volumes."""
    target.mkdir()
    command = [
        "dcm2niix",
        "-b",
        "y",
        "-ba",
        "n",
        "-z",
        "n",
        "-m",
        "n",
        "-w",
        "2",
        "-f",
        "series",
        "-o",
        str(target),
        str(source),
    ]
    subprocess.run(command, capture_output=True, check=False)
    return Converted(target)


def suv_factor(header: Dataset) -> float | None:
    """Grams per becquerel of a PET image in BQML by body weight: decay counts from the injection to the start of the series.

    None where an attribute for it is missing. Source: QIBA, SUV vendor-neutral pseudo-code ("happy path", 2012).
    """
    try:
        tracer = header.RadiopharmaceuticalInformationSequence[0]
        begun = datetime.strptime(f"{header.SeriesDate}{str(header.SeriesTime)[:6]}", "%Y%m%d%H%M%S")
        injected = datetime.strptime(str(tracer.RadiopharmaceuticalStartDateTime)[:14], "%Y%m%d%H%M%S")
        dose = float(tracer.RadionuclideTotalDose)
        left = dose * 2 ** (-(begun - injected).total_seconds() / float(tracer.RadionuclideHalfLife))
        return float(header.PatientWeight) * 1000 / left
    except (AttributeError, IndexError, ValueError, TypeError, ZeroDivisionError):
        return None


def compared(before: Converted, after: Converted) -> dict[str, str]:
    """For each kind of information what became of it."""
    overlays = "" if before.overlays == after.overlays else "; overlay removed"
    return {
        "geometry": _same(before.volumes, after.volumes) + overlays,
        "diffusion": _same(before.gradients, after.gradients),
        "timing": _told(before.said, after.said, TIMING),
        "SUV": _told(before.said, after.said, SUV) if PET in before.said.get("Modality", ()) else "-",
    }


def _same(before: Sequence[Any], after: Sequence[Any]) -> str:
    return "-" if not before and not after else "same" if before == after else "lost" if not after else "differs"


def _told(before: Mapping[str, Any], after: Mapping[str, Any], names: Sequence[str]) -> str:
    there = [name for name in names if name in before or name in after]
    wrong = [name for name in there if before.get(name) != after.get(name)]
    return "-" if not there else ", ".join(wrong) or "same"


def site(folder: Path, research: bool) -> Path:
    """A folder of profiles that look for nothing in pixels, under the built-in options or those of research."""
    folder.mkdir()
    scrub = {"base": f"scrub: [{{use: ps315, options: {{{OPTIONS}}}}}]\n"} if research else {}
    for name in ("base", "strict"):
        head = f"profile: {name}\nschema_version: 1\nextends: {name}\nreplaces: {name}\n"
        (folder / f"{name}.yaml").write_text(head + WITHOUT_DETECTORS + scrub.get(name, ""))
    rules = RULES if research else " {}"
    (folder / "site.yaml").write_text(f"classify: {{use: modality, options: {{pixels: false}}}}\nselect:{rules}")
    return folder


def released(source: Path, work: Path, research: bool) -> tuple[Path, Counter[str], dict[str, str]]:
    """The folder of files that a run let out, the reasons of those it did not, and where each source went."""
    folder, output = site(work / "profiles", research), work / "output"
    with quiet():
        deidkit.run([source], output, Settings(KEY, folders=(folder,)))
    reasons: Counter[str] = Counter()
    where: dict[str, str] = {}
    for line in (output / "private" / "manifest.jsonl").read_text().splitlines():
        record = json.loads(line)
        reasons.update(record["reasons"])
        where[record["source"]] = str(output / record["output"]) if record["output"] else ""
    return output / "released", reasons, where


def measure(series: Path, work: Path, differences: bool) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(series, profiles, what became of it) for both sets of profiles."""
    before = convert(series, work / "before")
    for research in (False, True):
        name = "research" if research else "default"
        folder = work / name
        folder.mkdir()
        out, reasons, where = released(series, folder, research)
        after = convert(out, folder / "after")
        found = compared(before, after)
        factors = [(_factor(series / source), _factor(Path(target))) for source, target in where.items() if target]
        if any(one for one, _ in factors):
            found["SUV"] = found["SUV"] if all(one == other for one, other in factors) else "factor, " + found["SUV"]
        found["released"] = f"{sum(map(bool, where.values()))} of {len(where)}"
        if differences:
            names = sorted(before.said.keys() | after.said.keys())
            print(series.name, name, dict(reasons), [key for key in names if before.said.get(key) != after.said.get(key)])
        yield series.name, name, found


def _factor(path: Path) -> float | None:
    with quiet():
        return suv_factor(pydicom.dcmread(path, stop_before_pixels=True))


def pet_series(folder: Path, maker: str) -> None:
    """Eight slices in two frames of time of an FDG scan as scanners of ``maker`` write them."""
    folder.mkdir(parents=True)
    for number in range(8):
        pet_slice(number, maker).save_as(folder / f"{number}.dcm", enforce_file_format=True)


def pet_slice(number: int, maker: str) -> Dataset:
    frame, made = number // 4, Dataset()
    made.SOPClassUID, made.SOPInstanceUID = PositronEmissionTomographyImageStorage, f"{ROOT}.{number + 1}"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = ROOT, f"{ROOT}.0", f"{ROOT}.99"
    made.Modality, made.Manufacturer, made.ManufacturerModelName = "PT", maker, "Biograph mCT"
    made.PatientName, made.PatientID, made.PatientBirthDate = "Zembrostu^Ilka", "QX-471122", "19610203"
    made.PatientSex, made.PatientAge, made.PatientWeight, made.PatientSize = "F", "060Y", "71.5", "1.68"
    made.StudyDate = made.SeriesDate = made.AcquisitionDate = made.ContentDate = "20210304"
    made.StudyTime, made.SeriesTime, made.ContentTime = "095000", "101500.000000", "110000"
    made.AcquisitionTime = f"10{15 + 5 * frame}00.000000"
    made.StudyID, made.AccessionNumber, made.ReferringPhysicianName = "S1", "A-77123", "Brandvold^Kari"
    made.SeriesDescription, made.SeriesNumber = "PET WB dynamic", 4
    made.InstanceNumber = made.ImageIndex = number + 1
    made.ImageType, made.SeriesType, made.Units = ["ORIGINAL", "PRIMARY"], ["DYNAMIC", "IMAGE"], "BQML"
    made.CorrectedImage, made.CollimatorType = ["DECY", "ATTN", "SCAT", "DTIM", "RAN", "NORM"], "NONE"
    made.NumberOfSlices, made.NumberOfTimeSlices = 4, 2
    made.DecayCorrection, made.DecayFactor = "START", str(1.0 + 0.016 * frame)
    made.FrameReferenceTime, made.ActualFrameDuration = str(150000 + 300000 * frame), 300000
    made.DoseCalibrationFactor, made.ScatterFractionFactor = "28610000", "0.33"
    made.RadiopharmaceuticalInformationSequence = Items([_tracer()])
    made.SamplesPerPixel, made.PhotometricInterpretation, made.Rows, made.Columns = 1, "MONOCHROME2", 8, 8
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
    made.PixelSpacing, made.SliceThickness = ["4.07", "4.07"], "3"
    made.RescaleIntercept, made.RescaleSlope = "0", "1.7"
    made.ImagePositionPatient = ["-16", "-16", str(3 * (number % 4))]
    made.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    made.PixelData = np.full(64, 100 * number + 3, "<i2").tobytes()
    if maker.startswith("Philips"):
        block = made.private_block(0x7053, "Philips PET Private Group", create=True)
        block.add_new(0x00, "DS", "0.00041")
        block.add_new(0x09, "DS", "1.71")
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def _tracer() -> Dataset:
    tracer, nuclide = Dataset(), Dataset()
    nuclide.CodeValue, nuclide.CodingSchemeDesignator, nuclide.CodeMeaning = "C-111A1", "SRT", "^18^Fluorine"
    tracer.Radiopharmaceutical, tracer.RadionuclideCodeSequence = "Fluorodeoxyglucose", Items([nuclide])
    tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = "355000000", "6586.2"
    tracer.RadiopharmaceuticalStartTime, tracer.RadiopharmaceuticalStartDateTime = "090800", "20210304090800"
    tracer.RadionuclidePositronFraction = "0.9673"
    return tracer


def table(rows: Sequence[tuple[str, str, dict[str, str]]]) -> Iterator[str]:
    columns = ("released", "geometry", "diffusion", "timing", "SUV")
    yield f"| series | profiles | {' | '.join(columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for series, profiles, found in rows:
        yield f"| `{series}` | {profiles} | {' | '.join(found[name] for name in columns)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("series", type=Path)
    parser.add_argument("--only", nargs="*", default=())
    parser.add_argument("--differences", action="store_true", help="name every entry of the sidecars that differs")
    given = parser.parse_args()
    if shutil.which("dcm2niix") is None:
        sys.exit("dcm2niix is not installed: pip install dcm2niix")
    with TemporaryDirectory(prefix="dcm2niix-") as folder:
        work = Path(folder)
        for maker in ("SIEMENS", "Philips Medical Systems"):
            pet_series(work / "made" / f"pet_{maker.split()[0].lower()}_made", maker)
        every = [*sorted(path for path in given.series.iterdir() if path.is_dir()), *sorted((work / "made").iterdir())]
        rows = []
        for series in every:
            if not given.only or series.name in given.only:
                (work / series.name).mkdir()
                rows += measure(series, work / series.name, given.differences)
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
