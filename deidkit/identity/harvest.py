"""What a header says about who the patient is: gathered once, used to clean text, judge burned-in text and sweep written bytes.

No element is decoded that cannot identify anybody. Kinds: name, id, date, time, place, contact, institution, device, uid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag, tag_for_keyword

from deidkit.errors import OverBudget
from deidkit.headers.raw_elements import (
    SHORT,
    SINGLE_VALUE_VRS,
    UNDECLARED,
    Codecs,
    decode,
    dictionary_vr,
    effective_vr,
    elements_of,
    encodings_of,
    split_values,
    text_of,
    values_of,
    vr_of,
)
from deidkit.identity.names import is_identifying
from deidkit.limits import Limits
from deidkit.types import Identifier, Identifiers

BY_KIND = {
    "name": ("NameToUse ClinicalTrialSponsorName CameraOwnerName DistributionName ContactDisplayName HangingProtocolCreator"),
    "id": (
        "PatientID OtherPatientIDs AccessionNumber StudyID AdmissionID ServiceEpisodeID MedicalRecordLocator "
        "SpecimenIdentifier InsurancePlanIdentification RequestedProcedureID ScheduledProcedureStepID "
        "PerformedProcedureStepID ResultsID PlacerOrderNumberImagingServiceRequest FillerOrderNumberImagingServiceRequest "
        "PlacerOrderNumberProcedure BarcodeValue FillerOrderNumberProcedure PlacerOrderNumberImagingServiceRequestRetired "
        "InterpretationID IssuerOfPatientID SlideIdentifier FillerOrderNumberImagingServiceRequestRetired "
        "ClinicalTrialSubjectID ClinicalTrialSubjectReadingID ClinicalTrialProtocolID ClinicalTrialSiteID "
        "ClinicalTrialSeriesID ClinicalTrialProtocolEthicsCommitteeApprovalNumber ContainerIdentifier "
        "SpecimenAccessionNumber ContainerComponentID BreedRegistrationNumber HL7InstanceIdentifier"
    ),
    "date": "PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar",
    "place": (
        "PatientAddress ReferringPhysicianAddress InstitutionAddress PersonAddress AddressTrial "
        "PatientInstitutionResidence RegionOfResidence CurrentPatientLocation ScheduledPatientInstitutionResidence "
        "OrderEntererLocation PerformedLocation RequestedProcedureLocation ScheduledProcedureStepLocation "
        "DistributionAddress ScheduledStudyLocation"
    ),
    "contact": (
        "PatientTelephoneNumbers PatientTelecomInformation ReferringPhysicianTelephoneNumbers PersonTelephoneNumbers "
        "PersonTelecomInformation OrderCallbackPhoneNumber OrderCallbackTelecomInformation TelephoneNumberTrial "
        "ContactURI"
    ),
    "institution": (
        "InstitutionName InstitutionalDepartmentName ResponsibleOrganization ClinicalTrialSiteName "
        "ClinicalTrialCoordinatingCenterName ClinicalTrialProtocolEthicsCommitteeName HumanPerformerOrganization "
        "VerifyingOrganization"
    ),
    "device": (
        "StationName DeviceSerialNumber DetectorID GantryID GeneratorID CassetteID PlateID SecondaryCaptureDeviceID "
        "HardcopyCreationDeviceID ModifyingDeviceID PerformedStationName ScheduledStationName LensSerialNumber "
        "SourceSerialNumber UniqueDeviceIdentifier ManufacturerDeviceIdentifier FilmDestination PrinterName "
        "PrintQueueID DeviceID RadiationMachineName SubstanceAdministrationDeviceID"
    ),
}
SEQUENCE = "SQ"
BY_VR = {"PN": "name", "DA": "date", "DT": "date", "TM": "time", "AE": "device", "UI": "uid"}

CONCEPTS = {
    "121030": "id",
    "121022": "id",
    "121020": "id",
    "121021": "id",
    "121041": "id",
    "113871": "id",
    "121434": "institution",
    "121008": "name",
    "121029": "name",
    "121036": "name",
    "121088": "name",
    "121114": "name",
    "121152": "name",
    "121435": "name",
    "113850": "name",
    "113870": "name",
}
"""Code values of PS3.15 Table E.3.4-1 whose TEXT content names a person, says who the subject is, or names the place."""

CLASS_UIDS = re.compile(
    r"(SOPClass(es)?|TransferSyntax|CodingScheme|Context|MappingResource|ImplementationClass)(UID|InStudy|InSeries|Supp)"
)
CODE_VERSIONS = frozenset({"ContextGroupVersion", "ContextGroupLocalVersion"})
"""Dates of editions of code lists, which are nobody's."""


@cache
def _kinds() -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for kind, keywords in BY_KIND.items():
        for keyword in keywords.split():
            tag = tag_for_keyword(keyword)
            if tag is not None:
                found[int(tag)] = (kind, keyword)
    return found


@lru_cache(maxsize=16384)
def _keyword(tag: int) -> str:
    return keyword_for_tag(tag) or f"{tag:08X}"


def harvest(header: Dataset, limits: Limits | None = None) -> Identifiers:
    """Every identifier in ``header`` and its sequences, at any depth.

    Raises:
        OverBudget: sequences nested deeper than ``limits.depth``.
    """
    return Identifiers(frozenset(_walk(header, UNDECLARED, (limits or Limits()).depth)), 1)


def _walk(dataset: Dataset, parent: Codecs, depth: int) -> Iterator[Identifier]:
    if depth < 0:
        raise OverBudget("nesting-too-deep", "sequences are nested deeper than the limit")
    encodings = encodings_of(dataset, parent)
    for element in elements_of(dataset):
        kind, keyword = _classified(int(element.tag), element.VR)
        if kind == SEQUENCE:
            for item in dataset[element.tag].value or ():
                yield from _walk(item, encodings, depth - 1)
                yield from _content(item, encodings)
        elif kind:
            value = element.value
            if isinstance(value, bytes) and len(value) <= SHORT:
                yield from _identifying(kind, keyword, value, vr_of(element) in SINGLE_VALUE_VRS, encodings)
            else:
                yield from (Identifier(kind, keyword, v) for v in values_of(element, encodings) if is_identifying(kind, v))


@lru_cache(maxsize=16384)
def _identifying(kind: str, keyword: str, raw: bytes, single: bool, encodings: Codecs) -> tuple[Identifier, ...]:
    """The identifiers in one stored value; most of them repeat from object to object of a series."""
    values = split_values(decode(raw, encodings)[0].strip(" \0"), single)
    return tuple(Identifier(kind, keyword, value) for value in values if is_identifying(kind, value))


@lru_cache(maxsize=16384)
def _classified(tag: int, own: str | None) -> tuple[str, str]:
    """(kind, keyword) for an element by its tag and its own VR; no kind when it cannot identify."""
    kind = kind_of(tag, own)
    if kind in {"", SEQUENCE}:
        return kind, ""
    return kind, _kinds()[tag][1] if tag in _kinds() else _keyword(tag)


def kind_of(tag: int, own: str | None) -> str:
    """The kind of identifier that an element of this tag and own VR may hold; ``SQ`` for a sequence, empty for all others.

    An attribute that the dictionary calls a name is one whatever VR it carries.
    """
    vr = effective_vr(tag, own)
    if vr == SEQUENCE:
        return vr
    kind = _kinds()[tag][0] if tag in _kinds() else BY_VR.get(dictionary_vr(tag) or "") or BY_VR.get(vr, "")
    return "" if kind and _is_about_codes(kind, _keyword(tag)) else kind


def _is_about_codes(kind: str, keyword: str) -> bool:
    """Whether an attribute names a class, a syntax or the edition of a code list, which are nobody's."""
    return keyword in CODE_VERSIONS or (kind == "uid" and CLASS_UIDS.search(keyword) is not None)


def _content(item: Dataset, encodings: Codecs) -> Iterator[Identifier]:
    """TEXT content items of a structured report whose concept names an identifier (PS3.15 E.3.4)."""
    text = item.get_item(0x0040A160)
    if text is None or 0x0040A043 not in item:
        return
    for code in item[0x0040A043].value or ():
        element = code.get_item(0x00080100)
        kind = CONCEPTS.get(text_of(element, UNDECLARED)) if element is not None else None
        value = text_of(text, encodings)
        if kind and is_identifying(kind, value):
            yield Identifier(kind, "TextValue", value)


def patient_of(header: Dataset) -> str:
    """What stands for the patient in derivations from the key: the Patient ID, else name and birth date, else the study."""
    encodings = encodings_of(header)
    for tags in ((0x00100020,), (0x00100010, 0x00100030), (0x0020000D,), (0x00080018,)):
        elements = [header.get_item(tag) for tag in tags]
        text = "\0".join(text_of(element, encodings) for element in elements if element is not None)
        if text.strip("\0"):
            return text
    return ""
