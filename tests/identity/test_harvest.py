"""What a header says about who the patient is."""

from __future__ import annotations

import io

import pydicom
import pytest
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from deidkit.errors import OverBudget
from deidkit.identity.dates import date_forms
from deidkit.identity.folding import fold
from deidkit.identity.harvest import harvest, patient_of
from deidkit.identity.names import all_name_forms, name_tokens, spellings


def header() -> Dataset:
    made, request, inner = Dataset(), Dataset(), Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientName, made.PatientID, made.PatientBirthDate = "Müller-Lüdenscheidt^Hans^^Dr.", "QX-4711", "19410203"
    made.OtherPatientIDs, made.AccessionNumber, made.StudyID = ["A1234", "B9876"], "ACC99", "0"
    made.PatientAddress, made.PatientTelephoneNumbers = "Elm 12, Town", "555 1234"
    made.InstitutionName, made.StationName, made.StudyTime = "St. Mary", "CT01", "101500"
    made.SOPClassUID, made.StudyInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4.5"
    made.ReferringPhysicianName, made.Modality, made.StudyDescription = "Anonymous", "CT", "chest of Hans"
    inner.RequestedProcedureID, inner.AccessionNumber = "RP77123", "ACC98"
    request.ScheduledProcedureStepID, request.OriginalAttributesSequence = "SPS5566", Sequence([inner])
    made.RequestAttributesSequence = Sequence([request])
    content, code = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "121030", "DCM", "Subject ID"
    content.ConceptNameCodeSequence, content.TextValue = Sequence([code]), "SUBJ88"
    made.ContentSequence = Sequence([content])
    made.private_block(0x0009, "ACME", create=True).add_new(1, "PN", "Quorvane^Zem")
    return made


def read_back(made: Dataset, implicit: bool) -> Dataset:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, made, implicit_vr=implicit, little_endian=True)
    syntax = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"
    read = pydicom.dcmread(io.BytesIO(stream.getvalue()), force=True)
    assert syntax
    return read


@pytest.mark.parametrize("form", ["memory", "explicit", "implicit"])
def test_everything_that_identifies_is_found_at_any_depth(form: str) -> None:
    made = header() if form == "memory" else read_back(header(), form == "implicit")
    found = {(item.kind, item.value) for item in harvest(made).items}
    wanted = {
        ("name", "Müller-Lüdenscheidt^Hans^^Dr."),
        ("id", "QX-4711"),
        ("id", "A1234"),
        ("id", "B9876"),
        ("id", "ACC99"),
        ("id", "ACC98"),
        ("id", "RP77123"),
        ("id", "SPS5566"),
        ("id", "SUBJ88"),
        ("date", "19410203"),
        ("time", "101500"),
        ("place", "Elm 12, Town"),
        ("contact", "555 1234"),
        ("institution", "St. Mary"),
        ("device", "CT01"),
        ("uid", "1.2.3.4.5"),
    }
    if form != "implicit":
        wanted |= {("name", "Quorvane^Zem")}
    assert wanted <= found
    assert not {value for _, value in found} & {"Anonymous", "0", "1.2.840.10008.5.1.4.1.1.2", "CT", "chest of Hans"}


@pytest.mark.parametrize("vr", ["LO", "SH", "AE", "UC", "CS", "PN", "OB", "ZZ"])
def test_a_name_is_one_whatever_vr_it_carries(vr: str) -> None:
    made, item = Dataset(), Dataset()
    for dataset, value in ((made, b"Quorvane^Zem\\Osterhaus^Wilma "), (item, b"Kestrelford^Ann ")):
        dataset[0x00101001] = RawDataElement(BaseTag(0x00101001), vr, len(value), value, 0, False, True)
    made.RequestAttributesSequence = Sequence([item])
    assert {"quorvane", "osterhaus", "kestrelford"} <= all_name_forms(harvest(made).items)


def test_values_stay_out_of_every_representation() -> None:
    known = harvest(header())
    assert "4711" not in repr(known) + repr(next(iter(known.items)))


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("Müller-Lüdenscheidt^Hans Peter^^Dr.^Jr", ("muller", "ludenscheidt", "hans", "peter")),
        ("O'Brien^Mary-Jane", ("brien", "mary", "jane")),
        ("van der Berg^A.", ("berg",)),
        ("Hong^Gildong=洪^吉洞=홍^길동", ("hong", "gildong", "吉洞", "길동", "洪吉洞", "홍길동")),
        ("ANONYMOUS", ()),
        ("123^X", ()),
        ("Straßer^Øystein", ("strasser", "oystein")),
    ],
)
def test_names_come_apart_into_what_identifies(name: str, tokens: tuple[str, ...]) -> None:
    assert set(tokens) == {token for token in name_tokens(name) if len(token) > 1}


def test_tokens_of_all_names() -> None:
    forms = all_name_forms(harvest(header()).items)
    assert forms == {"muller", "mueller", "ludenscheidt", "luedenscheidt", "hans", "quorvane", "zem"}


def test_folding_makes_spellings_equal() -> None:
    assert fold("Müller") == fold("MULLER") == fold("mu\u0308ller")
    assert fold("가") == "가"
    assert fold("ガ") != fold("カ")


def test_dates_in_the_forms_people_write() -> None:
    forms = date_forms("19410203")
    assert {"19410203", "03.02.1941", "02/03/1941", "1941-02-03", "03-feb-1941", "3.2.41", "feb 3, 1941", "03feb1941"} <= forms
    assert date_forms("") == date_forms("19411399") == date_forms("1941") == frozenset()


def test_the_patient_is_the_id_then_the_name_then_the_study() -> None:
    made = header()
    assert patient_of(made) == "QX-4711"
    made.PatientID = ""
    assert patient_of(made) == "Müller-Lüdenscheidt^Hans^^Dr.\x0019410203"
    del made.PatientName, made.PatientBirthDate
    assert patient_of(made) == "1.2.3.4.5"
    assert patient_of(Dataset()) == ""


def test_depth_is_limited() -> None:
    made = inner = Dataset()
    for _ in range(70):
        item = Dataset()
        inner.ReferencedImageSequence = Sequence([item])
        inner = item
    with pytest.raises(OverBudget):
        harvest(made)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Jäger", "jaeger"),
        ("Jöger", "joeger"),
        ("Jüger", "jueger"),
        ("Bråten", "braaten"),
        ("Sørby", "soerby"),
        ("Jaeger", "jager"),
        ("Joeger", "joger"),
    ],
)
def test_a_name_is_known_in_the_spelling_without_its_marks(name: str, written: str) -> None:
    assert written in spellings(name)
