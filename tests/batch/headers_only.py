"""Settings for runs over real DICOM files that load no network: the catalogue finds, the sweep proves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from deidkit.batch.runner import Settings
from deidkit.headers.quiet import quiet
from deidkit.keys import Keys

NAMES = ("dicom", "raster", "modality", "catalog", "policy", "blackbox", "ps315")
WITHOUT_PIXELS = "scrub: [{use: ps315}]\nverify: [{use: sweep}]\n"
STAGES = f"detect: [{{use: catalog}}]\ndecide: {{use: policy}}\nredact: {{use: blackbox}}\n{WITHOUT_PIXELS}"
SITE = "classify: {use: modality, options: {pixels: false}}\nselect: {unsure: quarantine, contradicting: quarantine}\n"


def quick(folder: Path, profiles: Mapping[str, str], **more: object) -> Settings:
    """``profiles``: name -> its lines besides the stages, of which objects without pixels need fewer."""
    folder.mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(SITE)
    for name, lines in profiles.items():
        stages = WITHOUT_PIXELS if "pixels: none" in lines else STAGES
        (folder / f"{name}.yaml").write_text(f"profile: {name}\nschema_version: 1\n{lines}{stages}")
    plugins = tuple((name, f"deidkit_{name}") for name in NAMES)
    return Settings(Keys(bytes(range(32))), folders=(folder,), plugins=plugins, **more)  # type: ignore[arg-type]


def picture(number: int = 1, **values: object) -> Dataset:
    """A small object of a Secondary Capture; an attribute given as None is left out."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = SecondaryCaptureImageStorage, f"1.2.826.0.1.7.{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID, made.Modality = "1.2.826.0.1.7", "1.2.826.0.1.7.0", "OT"
    made.PatientName, made.PatientID, made.PatientBirthDate, made.PatientSex = "Zembrostu^Ilka", "QX-471122", "19610203", "F"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20210304", "101500", "S1", "A-77123"
    made.ReferringPhysicianName, made.SeriesNumber, made.InstanceNumber, made.ConversionType = "", 3, number, "WSD"
    made.Rows = made.Columns = 64
    made.SamplesPerPixel, made.PhotometricInterpretation, made.PixelRepresentation = 1, "MONOCHROME2", 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 8, 8, 7
    made.PixelData = bytes((7 * number + column * row) % 256 for row in range(64) for column in range(64))
    made["PixelData"].VR = "OB"
    made.file_meta, made.preamble = FileMetaDataset(), bytes(128)
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    with quiet():
        for keyword, value in values.items():
            if value is None:
                delattr(made, keyword)
            else:
                setattr(made, keyword, value)
    return made
