"""A whole study: references among its objects hold, dates keep their distances, everybody stands under one pseudonym."""

from __future__ import annotations

from datetime import date

from ps315_corpus import ROOT, base, person
from ps315_running import CLEAN, context_of, reread, scrubbed
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    EncapsulatedPDFStorage,
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
    RTStructureSetStorage,
)

from deidkit.headers.working_copy import working_copy
from deidkit.keys import Keys
from deidkit_ps315.options import Ps315Options
from deidkit_ps315.scrub.scrubber import Ps315

WHO = person(90)
IMAGE, FRAME = f"{ROOT}.90.1", f"{ROOT}.90.2"


def reference() -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, IMAGE
    return item


def study() -> list[Dataset]:
    image, structures = base(WHO), base(WHO, RTStructureSetStorage)
    image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = IMAGE
    image.FrameOfReferenceUID, image.AcquisitionDateTime = FRAME, f"{WHO.seen}120000+0100"
    contour, frame = Dataset(), Dataset()
    contour.ContourImageSequence, frame.FrameOfReferenceUID = Sequence([reference()]), FRAME
    structures.ROIContourSequence, structures.ReferencedFrameOfReferenceSequence = Sequence([contour]), Sequence([frame])
    structures.StructureSetDate, structures.StructureSetLabel = "20240229", WHO.family[:16]
    state, series = base(WHO, GrayscaleSoftcopyPresentationStateStorage), Dataset()
    series.ReferencedImageSequence = Sequence([reference()])
    state.ReferencedSeriesSequence = Sequence([series])
    key, content = base(WHO, KeyObjectSelectionDocumentStorage), Dataset()
    content.ValueType, content.RelationshipType, content.ReferencedSOPSequence = "IMAGE", "CONTAINS", Sequence([reference()])
    key.ContentSequence = Sequence([content])
    document = base(WHO, EncapsulatedPDFStorage)
    document.MIMETypeOfEncapsulatedDocument = "application/pdf"
    document.EncapsulatedDocument = b"%PDF-1.4 " + WHO.family.encode()
    document.EncapsulatedDocumentLength, document.DocumentTitle = 30, f"Report {WHO.family}"
    return [reread(header) for header in (image, structures, state, key, document)]


def test_references_hold_over_the_study() -> None:
    image, structures, state, key, document = (scrubbed(header, clean=CLEAN)[0] for header in study())
    meant = {
        structures.ROIContourSequence[0].ContourImageSequence[0].ReferencedSOPInstanceUID,
        state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID,
        key.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID,
    }
    assert meant == {image.SOPInstanceUID}
    assert structures.ReferencedFrameOfReferenceSequence[0].FrameOfReferenceUID == image.FrameOfReferenceUID
    objects = (image, structures, state, key, document)
    assert len({(o.StudyInstanceUID, o.PatientID, str(o.PatientName)) for o in objects}) == 1


def test_key_objects_keep_their_references_in_the_basic_profile() -> None:
    key, _ = scrubbed(study()[3])
    assert key.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID


def test_documents_are_replaced_by_empty_ones_of_their_kind() -> None:
    document, _ = scrubbed(study()[4], clean=CLEAN)
    assert document.EncapsulatedDocument.startswith(b"%PDF-1.4")
    assert WHO.family.encode() not in document.EncapsulatedDocument
    assert document.EncapsulatedDocument[: document.EncapsulatedDocumentLength].rstrip().endswith(b"%%EOF")
    assert document.DocumentTitle == "Report [NAME]"


def test_another_key_gives_other_stand_ins_and_the_same_key_the_same() -> None:
    header = study()[0]
    made = []
    for secret in (b"a" * 32, b"b" * 32, b"a" * 32):
        after, context = working_copy(header), context_of(header)
        object.__setattr__(context, "keys", Keys(secret))
        Ps315(Ps315Options(dates="shift")).scrub(after, context)
        made.append((after.SOPInstanceUID, after.PatientID, after.StudyDate))
    assert made[0] == made[2] != made[1]
    assert all(one != other for one, other in zip(made[0], made[1], strict=True))


def test_shifted_dates_keep_their_distance_across_objects() -> None:
    image, structures, *_ = (scrubbed(header, dates="shift", clean=CLEAN)[0] for header in study())
    before = date(2024, 2, 29) - _day(WHO.seen)
    assert _day(structures.StructureSetDate) - _day(image.StudyDate) == before
    assert image.AcquisitionDateTime[8:] == "120000+0100"
    assert image.AcquisitionDateTime[:8] == image.StudyDate
    assert image.PatientBirthDate == ""


def _day(value: str) -> date:
    return date(int(value[:4]), int(value[4:6]), int(value[6:8]))


def test_what_is_no_date_is_not_kept_for_one() -> None:
    header = base(WHO)
    header.add(DataElement("SeriesDate", "DA", WHO.family[:8], validation_mode=0))
    header.add(DataElement("AcquisitionDateTime", "DT", f"20{WHO.number}", validation_mode=0))
    header.add(DataElement("SeriesTime", "TM", WHO.family[:8], validation_mode=0))
    for dates in ("remove", "shift", "keep"):
        after, _ = scrubbed(reread(header), dates=dates)
        for keyword in ("SeriesDate", "AcquisitionDateTime", "SeriesTime"):
            assert after.get(keyword) in {None, "", "19000101", "19000101000000", "000000"}, (dates, keyword)
