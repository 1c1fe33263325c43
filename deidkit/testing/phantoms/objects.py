"""Turns a scene into a complete DICOM object with its planted identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deidkit.testing.phantoms import planting
from deidkit.testing.phantoms.people import Supply
from deidkit.testing.phantoms.scene import Facts, Scene
from deidkit.testing.phantoms.truth import Phantom

if TYPE_CHECKING:
    from pydicom import Dataset

PLAIN = {"PatientSex": "F", "Manufacturer": "deidkit phantoms", "ManufacturerModelName": "Phantom 1", "SoftwareVersions": "1"}


def assemble(name: str, scene: Scene, facts: Facts, supply: Supply) -> Phantom:
    """Header, planted identifiers and pixels, in Explicit (or, where the scene says so, Implicit) VR Little Endian."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    planter = planting.Planter(supply)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if scene.implicit else ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = UID(scene.sop_class)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = scene.sop_class
    dataset.Modality = scene.modality
    planter.put(dataset, "SOPInstanceUID", "uid", supply.uid())
    planter.put(dataset, "StudyInstanceUID", "uid", supply.uid())
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    for keyword, value in (
        PLAIN | {"SeriesNumber": 1, "InstanceNumber": 1, "ImageType": ["ORIGINAL", "PRIMARY"]} | dict(scene.attributes)
    ).items():
        setattr(dataset, keyword, value)
    planting.main_attributes(planter, dataset, facts)
    planting.sequences(planter, dataset)
    planting.private(planter, dataset)
    planting.overlays(planter, dataset, *scene.samples.shape[1:3])
    _pixels(dataset, scene)
    preamble = planting.envelope(planter, dataset)
    return Phantom(name, _file(dataset, preamble), scene.samples, tuple(scene.texts), tuple(planter.planted))


def _pixels(dataset: Dataset, scene: Scene) -> None:
    colour = scene.samples.ndim == 4
    dataset.Rows, dataset.Columns = (int(side) for side in scene.samples.shape[1:3])
    dataset.SamplesPerPixel = 3 if colour else 1
    if colour:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = scene.photometric
    dataset.BitsAllocated = scene.samples.dtype.itemsize * 8
    dataset.BitsStored, dataset.HighBit = scene.bits_stored, scene.bits_stored - 1
    dataset.PixelRepresentation = int(scene.signed)
    if len(scene.samples) > 1:
        dataset.NumberOfFrames = len(scene.samples)
    data = scene.samples.tobytes()
    dataset.add_new(0x7FE00010, "OW" if dataset.BitsAllocated > 8 else "OB", data + b"\x00" * (len(data) % 2))


def _file(dataset: Dataset, preamble: bytes) -> Dataset:
    from pydicom.dataset import FileDataset

    return FileDataset("", dataset, preamble=preamble, file_meta=dataset.file_meta)
