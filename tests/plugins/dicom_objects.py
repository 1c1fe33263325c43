"""DICOM objects for tests: any transfer syntax, photometric interpretation and pixel layout, with text at a known place."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import gdcm
import numpy as np
from ht_frames import HT_FRAMES
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid

from deidkit_dicom.part10 import syntaxes as s

ROWS, COLUMNS = 64, 128
TEXT = "SMITH"
BOX = (20, 10, 120, 40)
"""Where the text is, with room around it."""
JPEG_SAMPLING = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


@dataclass(frozen=True)
class Case:
    """One cell of the matrix."""

    syntax: str
    photometric: str
    allocated: int = 8
    stored: int = 8
    signed: bool = False
    planar: int = 0
    frames: int = 1
    sampling: str = ""

    @property
    def samples(self) -> int:
        return 1 if self.photometric.startswith(("MONO", "PALETTE")) else 3

    @property
    def name(self) -> str:
        layout = f"{self.stored}in{self.allocated}{'s' if self.signed else 'u'}"
        syntax = s.SYNTAXES[self.syntax].name.replace(" ", "")
        return f"{syntax}-{self.photometric}{self.sampling}-{layout}-p{self.planar}-f{self.frames}".replace(":", "").replace(
            "/", ""
        )


def pixels(case: Case, seed: int = 3) -> np.ndarray:
    """Stored samples ``(frames, rows, columns[, samples])``: a gradient, some noise, and text in every frame."""
    rng = np.random.default_rng(seed)
    low, high = (-(1 << case.stored - 1), (1 << case.stored - 1) - 1) if case.signed else (0, (1 << case.stored) - 1)
    if case.photometric == "PALETTE COLOR":
        high = min(high, 255)
    shape = (case.frames, ROWS, COLUMNS, case.samples)
    ramp = np.linspace(0.25, 0.55, COLUMNS)[None, None, :, None] + np.linspace(0, 0.1, case.frames)[:, None, None, None]
    values = low + (high - low) * np.clip(ramp + rng.normal(0, 0.01, shape), 0.2, 0.7)
    made = np.round(values).astype(f"{'i' if case.signed else 'u'}{max(1, case.allocated // 8)}")
    ink = np.zeros((ROWS, COLUMNS), np.uint8)
    cv2.putText(ink, TEXT, (BOX[0] + 4, BOX[3] - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    made[:, ink > 127] = low if case.photometric == "MONOCHROME1" else high
    if case.photometric.startswith("YBR_FULL"):
        made[..., 1:] = np.where(made[..., 1:] > 250, 128, made[..., 1:])
    if case.photometric == "YBR_FULL_422":
        made[:, :, 1::2, 1:] = made[:, :, 0::2, 1:]
    return made[..., 0] if case.samples == 1 else made


def header(case: Case) -> Dataset:
    """A secondary capture with a patient, ready for pixel data."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = case.syntax
    ds.SOPClassUID, ds.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.Modality, ds.ConversionType = "OT", "WSD"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Zwetschgenbaum^Xaver", "QX7734421", "19440203", "M"
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "20190304", "101112", "ACC99871"
    ds.StudyID, ds.SeriesNumber, ds.InstanceNumber, ds.ReferringPhysicianName = "1", "1", "1", ""
    ds.Manufacturer, ds.Laterality, ds.PatientOrientation = "Matrix", "", ""
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = ROWS, COLUMNS, case.samples, case.photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = case.allocated, case.stored, case.stored - 1
    ds.PixelRepresentation = int(case.signed)
    if case.samples > 1:
        ds.PlanarConfiguration = case.planar
    if case.frames > 1:
        ds.NumberOfFrames = case.frames
    if case.photometric == "PALETTE COLOR":
        _palette(ds, "<u2" if s.SYNTAXES[case.syntax].little else ">u2")
    if s.SYNTAXES[case.syntax].always_lossy or case.syntax == s.J2K:
        ds.LossyImageCompression, ds.LossyImageCompressionRatio = "01", "8.0"
        ds.LossyImageCompressionMethod = s.SYNTAXES[case.syntax].lossy_method
    return ds


def _palette(ds: Dataset, words: str) -> None:
    for index, colour in enumerate(("Red", "Green", "Blue")):
        ramp = (np.arange(256) * 257 * (1.0, 0.8, 0.5)[index]).astype(words)
        ds[f"{colour}PaletteColorLookupTableDescriptor"] = _us(f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(ds, f"{colour}PaletteColorLookupTableData", np.roll(ramp, 7).tobytes())


def _us(keyword: str, value: list[int]):
    from pydicom import DataElement
    from pydicom.datadict import tag_for_keyword

    return DataElement(tag_for_keyword(keyword), "US", value)


def write(case: Case, path: Path, made: np.ndarray | None = None) -> Path:
    """Writes the object and returns the path."""
    ds, syntax = header(case), s.SYNTAXES[case.syntax]
    made = pixels(case) if made is None else made
    if syntax.native:
        ds.PixelData = native_bytes(case, made, syntax.little)
        ds["PixelData"].VR = "OB" if case.allocated <= 8 and not syntax.implicit and syntax.little else "OW"
        if not syntax.little and case.allocated <= 8:
            ds["PixelData"].VR = "OB"
    else:
        frames = HT_FRAMES.get((case.syntax, case.samples))
        ds.PixelData = encapsulate([frames] if frames else [encoded(case, frame) for frame in made])
        ds["PixelData"].is_undefined_length = True
        ds["PixelData"].VR = "OB"
    ds.save_as(path, enforce_file_format=True)
    return path


def save(ds: Dataset, path: Path) -> Path:
    """Writes a Part 10 file and returns the path; what pydicom does not know as a transfer syntax is explicit little endian."""
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax.is_private or not syntax.is_transfer_syntax:
        ds.preamble, ds.file_meta.FileMetaInformationVersion = bytes(128), b"\0\1"
        ds.file_meta.ImplementationClassUID = "1.2.3"
        ds.save_as(path, implicit_vr=False, little_endian=True, force_encoding=True)
    else:
        ds.save_as(path, enforce_file_format=True)
    return path


def native_bytes(case: Case, made: np.ndarray, little: bool = True) -> bytes:
    if case.allocated == 1:
        data = np.packbits(made.astype(np.uint8).reshape(-1), bitorder="little").tobytes()
    elif case.photometric == "YBR_FULL_422":
        pairs = [made[:, :, 0::2, 0], made[:, :, 1::2, 0], made[:, :, 0::2, 1], made[:, :, 0::2, 2]]
        data = np.stack(pairs, axis=-1).astype(np.uint8).tobytes()
    else:
        ordered = made.transpose(0, 3, 1, 2) if case.planar and case.samples > 1 else made
        data = np.ascontiguousarray(ordered, made.dtype.newbyteorder("<" if little else ">")).tobytes()
    return data + b"\0" * (len(data) % 2)


def encoded(case: Case, frame: np.ndarray) -> bytes:
    """One compressed frame."""
    if case.syntax == s.JPEG_LOSSLESS_SV1 or (case.syntax == s.JPEG_EXTENDED and case.allocated == 16):
        return _through_gdcm(case, frame)
    if s.SYNTAXES[case.syntax].family == "jpeg":
        buffer = io.BytesIO()
        options = {"subsampling": JPEG_SAMPLING[case.sampling]} if case.sampling else {}
        mode = "L" if frame.ndim == 2 else ("YCbCr" if case.photometric.startswith("YBR") else "RGB")
        if mode == "RGB":
            options["keep_rgb"] = True
        Image.frombytes(mode, frame.shape[1::-1], frame.tobytes()).save(buffer, "JPEG", quality=85, **options)
        return buffer.getvalue()
    options = {"encoding_plugin": "pylibjpeg"} if case.syntax == s.RLE else {}  # GDCM aborts on odd sizes
    options |= {"j2k_cr": [6]} if case.syntax == s.J2K else {"jls_error": 2} if case.syntax == s.JPEGLS_NEAR else {}
    return get_encoder(case.syntax).encode(
        np.ascontiguousarray(frame),
        rows=ROWS,
        columns=COLUMNS,
        number_of_frames=1,
        samples_per_pixel=case.samples,
        bits_allocated=case.allocated,
        bits_stored=case.stored,
        pixel_representation=int(case.signed),
        photometric_interpretation=case.photometric,
        planar_configuration=0,
        **options,
    )


def _through_gdcm(case: Case, frame: np.ndarray) -> bytes:
    """One frame that only GDCM encodes: JPEG lossless, and DCT with 12 bits."""
    photometric = "RGB" if case.samples == 3 else "MONOCHROME2"
    with TemporaryDirectory() as folder:
        path = write(
            Case(s.EXPLICIT_LE, photometric, case.allocated, case.stored, case.signed), Path(folder) / "a", frame[None]
        )
        reader = gdcm.ImageReader()
        reader.SetFileName(str(path))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        lossless = case.syntax == s.JPEG_LOSSLESS_SV1
        kinds = gdcm.TransferSyntax
        change.SetTransferSyntax(kinds(kinds.JPEGLosslessProcess14_1 if lossless else kinds.JPEGExtendedProcess2_4))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(path))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return next(generate_frames(dcmread(path).PixelData, number_of_frames=1))


def gdcm_samples(path: Path) -> np.ndarray | None:
    """Decoded bytes as GDCM gives them, ``(frames, rows, columns, bytes of a pixel)``; None where it cannot read the file."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    if not reader.Read():
        return None
    image = reader.GetImage()
    data = np.frombuffer(image.GetBuffer().encode("utf-8", "surrogateescape"), np.uint8)
    planes = image.GetPlanarConfiguration()
    dimensions = [image.GetDimension(i) for i in range(image.GetNumberOfDimensions())]
    columns, rows, frames = (*dimensions, 1)[:3]
    if data.size * 8 == frames * rows * columns:
        data = np.unpackbits(data, bitorder="little")
    if planes:
        by_plane = data.reshape(frames, image.GetPixelFormat().GetSamplesPerPixel(), rows, columns, -1)
        return by_plane.transpose(0, 2, 3, 1, 4).reshape(frames, rows, columns, -1)
    return data.reshape(frames, rows, columns, -1)
