"""From display space to stored samples of any depth, sign and photometric interpretation, and to a DICOM file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deidkit.image import Array
from deidkit_synth.looks import LUMA
from deidkit_synth.options import SceneOptions
from deidkit_synth.scenes import Scene

if TYPE_CHECKING:
    from pydicom import Dataset

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
GREY_BYTE, GREY_WORD, TRUE_COLOR = (f"{SECONDARY_CAPTURE}.{kind}" for kind in (2, 3, 4))
EXPLICIT_LE = "1.2.840.10008.1.2.1"


def samples(image: Array, options: SceneOptions, seed: int) -> Array:
    """Stored samples of one frame: (rows, columns) or (rows, columns, 3), uint8, uint16 or int16.

    Depths above 8 bits get noise below the display's step, so that they use all of their bits.
    """
    if options.photometric in ("RGB", "YBR_FULL"):
        return image if options.photometric == "RGB" else to_ybr(image)
    grey: Array = np.rint(image @ LUMA)
    if options.photometric == "MONOCHROME1":
        grey = 255 - grey
    if options.bits == 8 or options.photometric == "PALETTE COLOR":
        return grey.astype(np.uint8)
    top = (1 << options.bits) - 1
    step = top / 255
    dither = np.random.default_rng(seed).uniform(-step / 2, step / 2, grey.shape)
    wide = np.clip(np.rint(grey * step + dither), 0, top).astype(np.int32)
    if options.signed:
        return (wide - (1 << (options.bits - 1))).astype(np.int16)
    return wide.astype(np.uint16)


def to_ybr(rgb: Array) -> Array:
    """YBR_FULL of uint8 RGB (PS3.3 C.7.6.3.1.2)."""
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
    out = rgb.astype(np.float32) @ matrix.T + np.array([0, 128, 128], np.float32)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def dataset(scene: Scene, options: SceneOptions, modality: str = "OT") -> Dataset:
    """A Secondary Capture object (PS3.3 A.8; with several frames of a multi-frame kind): the scene's pixels, made-up data."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID, generate_uid

    seed = f"{scene.index}{scene.patient.patient_id}{scene.patient.accession}"
    pixels = np.stack([samples(frame.image, options, i) for i, frame in enumerate(scene.frames)])
    depth = 3 if pixels.ndim == 4 else 1
    ds = Dataset()
    ds.SOPClassUID = UID(_sop_class(pixels))
    ds.SOPInstanceUID = generate_uid(entropy_srcs=[seed, "instance"])
    ds.StudyInstanceUID = generate_uid(entropy_srcs=[seed, "study"])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=[seed, "series"])
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.Modality, ds.ConversionType, ds.BurnedInAnnotation = modality, "SYN", "YES" if options.text else "NO"
    _fill_patient(ds, scene)
    _fill_pixels(ds, pixels, options, depth)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = UID(EXPLICIT_LE)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def _sop_class(pixels: Array) -> str:
    if len(pixels) == 1:
        return SECONDARY_CAPTURE
    if pixels.ndim == 4:
        return TRUE_COLOR
    return GREY_BYTE if pixels.dtype == np.uint8 else GREY_WORD


def _fill_patient(ds: Dataset, scene: Scene) -> None:
    patient = scene.patient
    ds.PatientName, ds.PatientID, ds.PatientSex = patient.name, patient.patient_id, patient.sex
    ds.PatientBirthDate, ds.StudyDate, ds.StudyTime = patient.birth_date, patient.study_date, patient.study_time
    ds.InstitutionName, ds.AccessionNumber = patient.institution, patient.accession
    ds.ReferringPhysicianName, ds.StudyID = patient.physician, "1"
    ds.SeriesNumber, ds.InstanceNumber = 1, scene.index + 1


def _fill_pixels(ds: Dataset, pixels: Array, options: SceneOptions, depth: int) -> None:
    ds.Rows, ds.Columns = int(pixels.shape[1]), int(pixels.shape[2])
    ds.SamplesPerPixel, ds.PhotometricInterpretation = depth, options.photometric
    if depth == 3:
        ds.PlanarConfiguration = 0
    if len(pixels) > 1:
        ds.NumberOfFrames = len(pixels)
        ds.FrameIncrementPointer = 0x00181063
        ds.FrameTime = "40"
    stored = 8 if pixels.dtype == np.uint8 else options.bits
    ds.BitsAllocated = 8 if pixels.dtype == np.uint8 else 16
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = stored, stored - 1, int(pixels.dtype == np.int16)
    if options.photometric == "PALETTE COLOR":
        ramp = (np.arange(256) * 257).astype("<u2").tobytes()
        for colour in ("Red", "Green", "Blue"):
            setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(ds, f"{colour}PaletteColorLookupTableData", ramp)
    raw = pixels.tobytes()
    ds.PixelData = raw + b"\0" * (len(raw) % 2)
    ds["PixelData"].VR = "OB" if ds.BitsAllocated == 8 else "OW"


def write_dicom(scene: Scene, options: SceneOptions, path: Path) -> None:
    """Writes the scene as a Part 10 file."""
    dataset(scene, options).save_as(path, enforce_file_format=True)
