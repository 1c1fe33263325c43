"""What scrubbing a header costs, measured against reading and writing it with pydicom alone.

    python benchmarks/headers.py [--files 500] [--json]

Makes CT headers of several patients and series, descriptions to be cleaned included, and times, in processor time so that other
work on the machine does not count: pydicom read + write; read + scrub + write with every option that cleans text; the same with
the sweep of the written bytes. The budgets of the design are 2.0 and 3.0. Then what 64 MB of pixels take to be searched for 150
identifiers, against one: hardly more, because all are looked for at once.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pydicom
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from deidkit.headers.working_copy import working_copy
from deidkit.identity.harvest import harvest
from deidkit.keys import Keys
from deidkit.types import Case, Context, Deadline, Labels
from deidkit_ps315.options import Ps315Options, SweepOptions
from deidkit_ps315.scrub.scrubber import Ps315
from deidkit_ps315.sweep.verifier import Sweep
from deidkit_ps315.text.byte_search import needles_of, scan

KEYS = Keys(bytes(range(32)))
NAMES = ("Okonkwo^Adaeze", "Lindqvist^Per", "Marchetti^Giulia", "Novak^Jiri", "Haverkamp^Greta")
TEXTS = (
    "CT thorax w/o contrast",
    "Abdomen portal venous phase 5 mm",
    "Head native, fall from stairs",
    "Low dose lung screening",
)
Done = tuple[Dataset, tuple[Any, ...], Context]
OPTIONS: dict[str, Any] = {"clean": ["descriptors", "structured_content"], "dates": "shift", "retain": ["device_identity"]}


def header(number: int) -> Dataset:
    """One CT header of about 110 elements; 40 files share a series, 100 a patient."""
    rng = random.Random(number // 40)
    patient = number // 100 % len(NAMES)
    study, made = f"1.2.826.0.1.3680043.9.{patient}.{number // 40}", Dataset()
    made.SpecificCharacterSet, made.ImageType = "ISO_IR 100", ["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"]
    made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, f"{study}.1.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, f"{study}.1", f"{study}.2"
    made.PatientName, made.PatientID, made.PatientBirthDate = NAMES[patient], f"MR{471100 + patient}", "19550612"
    made.PatientSex, made.PatientAge, made.PatientWeight, made.PatientSize = "F", "066Y", "71", "1.68"
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "InstanceCreationDate"):
        setattr(made, keyword, f"2021{rng.randint(1, 12):02}{rng.randint(1, 28):02}")
    for keyword in ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "InstanceCreationTime"):
        setattr(made, keyword, f"{10 + number % 9}2233.{number:06}")
    made.AccessionNumber, made.StudyID, made.Modality = f"ACC{80000 + number // 40}", "1", "CT"
    made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions = "SIEMENS", "SOMATOM Definition AS+", "syngo CT VA48A"
    made.InstitutionName, made.InstitutionAddress = "Klinikum Eichental", "Parkweg 4, 01234 Eichental"
    made.StationName, made.DeviceSerialNumber = "CTAWP73361", "73361"
    made.ReferringPhysicianName, made.OperatorsName = "Brandvold^Kari", "Soares^Ines"
    text = TEXTS[rng.randrange(len(TEXTS))]
    made.StudyDescription, made.SeriesDescription, made.ProtocolName = text, f"{text} B31f", f"{number // 40}_ThoraxRoutine"
    made.ImageComments = f"Dr. Brandvold informed on 12.03.2021, {NAMES[patient].split('^')[0]} stable. No effusion."
    made.RequestedProcedureDescription = f"{text}; MR{471100 + patient}"
    made.BodyPartExamined, made.PatientPosition, made.ConvolutionKernel = "CHEST", "HFS", "B31f"
    for index, keyword in enumerate(NUMBERS):
        setattr(made, keyword, str(round(rng.random() * 100 + index, 3)))
    made.ImagePositionPatient, made.ImageOrientationPatient = [-150.1, -160.2, float(number)], [1, 0, 0, 0, 1, 0]
    made.SeriesNumber, made.AcquisitionNumber, made.InstanceNumber = 2, 1, number
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelSpacing = 1, "MONOCHROME2", [0.7, 0.7]
    made.Rows = made.Columns = 512
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
    made.WindowCenter, made.WindowWidth, made.RescaleIntercept, made.RescaleSlope = [50, -600], [350, 1200], -1024, 1
    made.ReferencedImageSequence = Sequence([_reference(f"{study}.1.{number + k}") for k in range(2)])
    made.RequestAttributesSequence = Sequence([_request(text)])
    for element in range(24):
        made.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(
            element + 8, "LO", f"value {element} {rng.random():.6f}"
        )
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = CTImageStorage, made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


_NUMBERS = (
    "SliceThickness KVP DataCollectionDiameter ReconstructionDiameter DistanceSourceToDetector DistanceSourceToPatient "
    "GantryDetectorTilt TableHeight SliceLocation FocalSpots"
)
NUMBERS = tuple(_NUMBERS.split())


def _reference(uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, uid
    return item


def _request(text: str) -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepDescription, item.ScheduledProcedureStepID, item.RequestedProcedureID = text, "SPS1", "RP1"
    return item


def plain(source: Path, target: Path) -> None:
    pydicom.dcmread(source).save_as(target, enforce_file_format=True)


def scrub(source: Path, target: Path, scrubber: Ps315) -> Done:
    before = pydicom.dcmread(source)
    context = Context(Labels(), "benchmark", (), KEYS, Deadline.after(60), before, harvest(before))
    after = working_copy(before)
    changes = scrubber.scrub(after, context)
    after.save_as(target, enforce_file_format=True)
    return before, tuple(changes), context


def verify(done: Done, sweep: Sweep, path: Path) -> None:
    before, changes, context = done
    sides = SimpleNamespace(header=before), SimpleNamespace(header=pydicom.dcmread(path))
    failed = [c for c in sweep.verify(Case(*cast(Any, sides), path, {}, {}, changes, context)) if c.status.value == "failed"]
    if failed:
        raise SystemExit(f"the sweep failed: {failed}")


def measure(files: int) -> dict[str, float]:
    scrubber, sweep = Ps315(Ps315Options(**OPTIONS)), Sweep(SweepOptions())
    spent: dict[str, list[float]] = {"plain": [], "scrub": [], "verify": []}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(-20, files):
            source, copied, target = (Path(folder) / name for name in ("in.dcm", "copy.dcm", "out.dcm"))
            header(abs(number)).save_as(source, enforce_file_format=True)
            clock = [time.process_time()]
            plain(source, copied)
            clock.append(time.process_time())
            done = scrub(source, target, scrubber)
            clock.append(time.process_time())
            verify(done, sweep, target)
            clock.append(time.process_time())
            if number >= 0:
                for name, start, end in zip(spent, clock, clock[1:], strict=False):
                    spent[name].append(end - start)
    base, mine, proof = (statistics.mean(times) * 1000 for times in spent.values())
    return {"files": files, "plain_ms": base, "scrub": mine / base, "scrub_and_verify": (mine + proof) / base}


def searched() -> float:
    """How many times as long pixels are searched for many identifiers as for one."""
    data = np.random.default_rng(2).integers(0, 1 << 32, 1 << 24, np.uint32).view(np.uint8)
    letters = np.random.default_rng(3).integers(97, 123, (150, 9), np.uint8)
    names = [bytes(row).decode().title() for row in letters]
    needles = [needles_of(dict.fromkeys(names[:count], "name"), ("utf-8",)) for count in (1, 150)]
    spent: list[list[float]] = [[], []]
    for _ in range(3):
        for times, wanted in zip(spent, needles, strict=True):
            start = time.process_time()
            if list(scan(data, wanted, pixels=True)):
                raise SystemExit("noise holds a name")
            times.append(time.process_time() - start)
    return statistics.median(spent[1]) / statistics.median(spent[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = measure(arguments.files) | {"many_identifiers": searched()}
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{result['files']:.0f} CT headers, pydicom read + write {result['plain_ms']:.2f} ms a file")
    print(f"read + scrub + write           {result['scrub']:.2f} x  (budget 2.0)")
    print(f"read + scrub + write + sweep   {result['scrub_and_verify']:.2f} x  (budget 3.0)")
    print(f"search for 150 identifiers     {result['many_identifiers']:.2f} x that for one")


if __name__ == "__main__":
    main()
