"""Puts a distinct fictional identifier at every place of a DICOM file where PS3.15 Table E.1-1 asks for its removal.

Besides the main data set: items of sequences to a depth of three, private blocks, overlay groups, the preamble, the file meta
group and the trailing padding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from deidkit.testing.phantoms.people import Supply
from deidkit.testing.phantoms.scene import Facts
from deidkit.testing.phantoms.truth import Planted

if TYPE_CHECKING:
    from pydicom import Dataset

PEOPLE = [
    "ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName", "NameOfPhysiciansReadingStudy",
    "PhysiciansOfRecord", "RequestingPhysician", "ConsultingPhysicianName", "PatientBirthName", "PatientMotherBirthName",
    "ResponsiblePerson", "OtherPatientNames",
]  # fmt: skip
CODES = [
    "StudyID", "StationName", "AdmissionID", "PerformedProcedureStepID", "DeviceSerialNumber", "MedicalRecordLocator",
    "ServiceEpisodeID", "DetectorID", "GantryID", "PlateID", "CassetteID", "IssuerOfPatientID",
]  # fmt: skip
TEXTS = [
    "StudyDescription", "SeriesDescription", "ProtocolName", "AdmittingDiagnosesDescription", "AdditionalPatientHistory",
    "PatientComments", "ImageComments", "InstitutionalDepartmentName", "RequestedProcedureDescription",
    "PerformedProcedureStepDescription", "RequestingService", "ReasonForTheRequestedProcedure", "DerivationDescription",
]  # fmt: skip
DAYS = [
    "SeriesDate", "AcquisitionDate", "ContentDate", "InstanceCreationDate", "PerformedProcedureStepStartDate",
    "LastMenstrualDate",
]  # fmt: skip
TIMES = [
    "SeriesTime", "AcquisitionTime", "ContentTime", "InstanceCreationTime", "PatientBirthTime",
    "PerformedProcedureStepStartTime",
]  # fmt: skip
UIDS = ["SeriesInstanceUID", "FrameOfReferenceUID", "IrradiationEventUID", "InstanceCreatorUID"]

MAIN = [
    "PatientName", "PatientID", "PatientBirthDate", "StudyDate", "StudyTime", "InstitutionName", "AccessionNumber",
    "PatientAddress", "InstitutionAddress", "PatientTelephoneNumbers", "OtherPatientIDs", "AcquisitionDateTime",
    "StationAETitle", "SOPInstanceUID", "StudyInstanceUID",
]  # fmt: skip
KEYWORDS = frozenset([*MAIN, *PEOPLE, *CODES, *TEXTS, *DAYS, *TIMES, *UIDS])
"""Keywords of the main data set that hold a planted identifier in every phantom."""


class Planter:
    """Sets attributes and writes down what went where."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.planted: list[Planted] = []

    def note(self, where: str, kind: str, value: str) -> str:
        self.planted.append(Planted(where, kind, value))
        return value

    def put(self, dataset: Dataset, keyword: str, kind: str, value: str, path: str = "") -> None:
        """Sets ``keyword`` to ``value``, which is itself the planted value."""
        setattr(dataset, keyword, self.note(f"{path}{keyword}", kind, value))

    def name(self, dataset: Dataset, keyword: str, path: str = "") -> None:
        self.put(dataset, keyword, "name", self.supply.person(), path)

    def code(self, dataset: Dataset, keyword: str, path: str = "") -> None:
        self.put(dataset, keyword, "id", self.supply.code(), path)

    def text(self, dataset: Dataset, keyword: str, path: str = "") -> None:
        """A sentence that mentions somebody by family name."""
        family = self.note(f"{path}{keyword}", "name", self.supply.family())
        setattr(dataset, keyword, f"Follow-up for Mrs {family}, see letter")


def main_attributes(planter: Planter, dataset: Dataset, facts: Facts) -> None:
    """The patient, study and series attributes; those that are also burned in come from ``facts``."""
    supply = planter.supply
    planter.put(dataset, "PatientName", "name", facts.name)
    planter.put(dataset, "PatientID", "id", facts.patient_id)
    planter.put(dataset, "PatientBirthDate", "date", facts.birth_date)
    planter.put(dataset, "StudyDate", "date", facts.study_date)
    planter.put(dataset, "StudyTime", "time", facts.time)
    planter.put(dataset, "InstitutionName", "institution", facts.hospital)
    planter.put(dataset, "AccessionNumber", "id", facts.accession)
    planter.put(dataset, "PatientAddress", "address", supply.address())
    planter.put(dataset, "InstitutionAddress", "address", supply.address())
    planter.put(dataset, "PatientTelephoneNumbers", "phone", supply.phone())
    planter.put(dataset, "OtherPatientIDs", "id", supply.code("OTH"))
    day, time = supply.day(), supply.time()
    dataset.AcquisitionDateTime = planter.note("AcquisitionDateTime", "date", day) + planter.note(
        "AcquisitionDateTime", "time", time
    )
    for keyword in PEOPLE:
        planter.name(dataset, keyword)
    for keyword in CODES:
        planter.code(dataset, keyword)
    for keyword in TEXTS:
        planter.text(dataset, keyword)
    for keyword in DAYS:
        planter.put(dataset, keyword, "date", supply.day())
    for keyword in TIMES:
        planter.put(dataset, keyword, "time", supply.time())
    for keyword in UIDS:
        planter.put(dataset, keyword, "uid", supply.uid())
    planter.put(dataset, "StationAETitle", "id", supply.code("AE"))
    dataset.ResponsiblePersonRole = "PARENT"


def sequences(planter: Planter, dataset: Dataset) -> None:
    """Items of standard sequences, one of them three levels deep, and one that the table does not list by itself."""
    from pydicom import Dataset as Item

    request = Item()
    planter.code(request, "RequestedProcedureID", "RequestAttributesSequence[0].")
    planter.code(request, "ScheduledProcedureStepID", "RequestAttributesSequence[0].")
    planter.text(request, "ScheduledProcedureStepDescription", "RequestAttributesSequence[0].")
    dataset.RequestAttributesSequence = [request]
    other = Item()
    planter.code(other, "PatientID", "OtherPatientIDsSequence[0].")
    other.TypeOfPatientID = "TEXT"
    dataset.OtherPatientIDsSequence = [other]
    _references(planter, dataset)
    deep = "PerformedProtocolCodeSequence[0].ProtocolContextSequence[0].ContentItemModifierSequence[0]."
    leaf, middle, top = Item(), Item(), Item()
    leaf.ValueType, leaf.ConceptNameCodeSequence = "PNAME", [_concept("121008", "Person Observer Name")]
    planter.name(leaf, "PersonName", deep)
    middle.ValueType, middle.ContentItemModifierSequence = "CODE", [leaf]
    middle.ConceptNameCodeSequence, middle.ConceptCodeSequence = (
        [_concept("122048", "Intent")],
        [_concept("128167", "Follow-up")],
    )
    top.CodeValue, top.CodingSchemeDesignator, top.CodeMeaning = "P5-0", "99TEST", "Protocol"
    top.ProtocolContextSequence = [middle]
    dataset.PerformedProtocolCodeSequence = [top]


def _concept(code: str, meaning: str) -> Dataset:
    from pydicom import Dataset as Item

    item = Item()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning
    return item


def _references(planter: Planter, dataset: Dataset) -> None:
    from pydicom import Dataset as Item

    for keyword in ("ReferencedStudySequence", "SourceImageSequence"):
        reference = Item()
        reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
        planter.put(reference, "ReferencedSOPInstanceUID", "uid", planter.supply.uid(), f"{keyword}[0].")
        setattr(dataset, keyword, [reference])


def private(planter: Planter, dataset: Dataset) -> None:
    """A private block with text, opaque bytes and a sequence of its own."""
    from pydicom import Dataset as Item

    family = planter.note("(0029,1001)", "name", planter.supply.family())
    opaque = planter.note("(0029,1002)", "name", planter.supply.family())
    inner = Item()
    planter.name(inner, "PatientName", "(0029,1003)[0].")
    block = dataset.private_block(0x0029, "DEIDKIT PHANTOM 1", create=True)
    block.add_new(0x01, "LO", f"Operator {family}")
    block.add_new(0x02, "UN", b"\x00\x01" + opaque.encode() + b"\x00" * (len(opaque) % 2))
    block.add_new(0x03, "SQ", [inner])


def overlays(planter: Planter, dataset: Dataset, rows: int, columns: int) -> None:
    """Overlay group 6000 whose bits spell a name, with the same person in its comments."""
    import numpy as np

    from deidkit.testing.phantoms.lettering import stencil

    family = planter.note("(6000,4000)", "name", planter.supply.family())
    bits = np.zeros((rows, columns), np.uint8)
    ink = stencil(family.upper(), 20) > 127
    bits[rows // 2 : rows // 2 + ink.shape[0], 20 : 20 + ink.shape[1]] = ink
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    dataset.add_new(0x60000010, "US", rows)
    dataset.add_new(0x60000011, "US", columns)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    dataset.add_new(0x60003000, "OW", packed + b"\x00" * (len(packed) % 2))
    dataset.add_new(0x60004000, "LT", f"Drawn by {family}")


def envelope(planter: Planter, dataset: Dataset) -> bytes:
    """File meta values and trailing padding; returns the preamble."""
    from pydicom.uid import UID

    supply, meta = planter.supply, dataset.file_meta
    meta.SourceApplicationEntityTitle = planter.note("(0002,0016)", "id", supply.code("SRC"))
    meta.PrivateInformationCreatorUID = UID(planter.note("(0002,0100)", "uid", supply.uid()))
    secret = planter.note("(0002,0102)", "name", supply.family()).encode()
    meta.PrivateInformation = secret + b"\x00" * (len(secret) % 2)
    tail = planter.note("(FFFC,FFFC)", "name", supply.family()).encode()
    dataset.add_new(0xFFFCFFFC, "OB", tail + b"\x00" * (len(tail) % 2))
    head = planter.note("preamble", "name", supply.family())
    return f"scanned for {head}".encode().ljust(128, b"\0")
