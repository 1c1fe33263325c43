"""Forms in which people are written into text, and places outside Table E.1-1 that may hold such text."""

from __future__ import annotations

from collections.abc import Callable

from ps315_corpus import ROOT, Person, Plant
from pydicom import Dataset
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

Form = tuple[str, Callable[[Person], tuple[str, str]]]


def _swapped(word: str) -> str:
    return word[:2] + word[3] + word[2] + word[4:]


def _date(value: str, form: str) -> str:
    names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
    full = "January February March April May June July August September October November December".split()  # noqa: SIM905
    month = int(value[4:6])
    return form.format(
        y=value[:4],
        yy=value[2:4],
        m=value[4:6],
        d=value[6:],
        M=month,
        D=int(value[6:]),
        name=names[month - 1],
        full=full[month - 1],
    )


_FORMS = (
    "{y}{m}{d}|{y}-{m}-{d}|{y}/{m}/{d}|{y}.{m}.{d}|{d}.{m}.{y}|{d}/{m}/{y}|{m}/{d}/{y}|{d}-{m}-{y}|{D}.{M}.{y}|{M}/{D}/{yy}|"
    "{d}.{m}.{yy}|{D} {full} {y}|{D}. {full} {y}|{full} {D}, {y}|{d}-{name}-{y}|{d}{name}{y}|{name} {D} {y}|{y}-{name}-{d}|"
    "{full} {D}th, {y}|{y}年{M}月{D}日"
)
DATE_FORMS = tuple(_FORMS.split("|"))

FORMS: tuple[Form, ...] = (
    ("family name", lambda p: (p.family, p.family)),
    ("family name in capitals", lambda p: (p.family.upper(), p.family.upper())),
    ("family name in small letters", lambda p: (p.family.lower(), p.family.lower())),
    ("given name", lambda p: (p.given, p.given)),
    ("family, given", lambda p: (f"{p.family}, {p.given}", p.family)),
    ("given family", lambda p: (f"{p.given} {p.family}", p.family)),
    ("family^given", lambda p: (f"{p.family}^{p.given}", p.family)),
    ("initial and family", lambda p: (f"{p.given[0]}. {p.family}", p.family)),
    ("family and initial", lambda p: (f"{p.family} {p.given[0]}.", p.family)),
    ("names glued", lambda p: (f"{p.family}{p.given}", p.family)),
    ("names with underscore", lambda p: (f"{p.given}_{p.family}", p.family)),
    ("possessive", lambda p: (f"{p.family}'s", p.family)),
    ("letters swapped", lambda p: (_swapped(p.family), _swapped(p.family))),
    ("letter missing", lambda p: (p.family[:3] + p.family[4:], p.family[:3] + p.family[4:])),
    ("letter doubled", lambda p: (p.family[:4] + p.family[3:],) * 2),
    ("letter read wrongly", lambda p: (p.family[:-1] + "c", p.family[:-1] + "c")),
    ("diacritics added", lambda p: (p.family.translate({97: "ä", 101: "é"}),) * 2),
    ("zero for o", lambda p: (p.family.replace("o", "0"), p.family.replace("o", "0"))),
    ("doctor with title", lambda p: (f"Dr. {p.doctor.split('^')[0]}", p.doctor.split("^")[0])),
    ("doctor without title", lambda p: (p.doctor.split("^")[0], p.doctor.split("^")[0])),
    ("patient id", lambda p: (p.number, p.number)),
    ("patient id without separator", lambda p: (p.number.replace("-", ""), p.number.replace("-", ""))),
    ("patient id with blanks", lambda p: (p.number.replace("-", " "), p.number.replace("-", " "))),
    ("patient id after MRN", lambda p: (f"MRN{p.number.replace('-', '')}", p.number.replace("-", ""))),
    ("patient id with leading zeros", lambda p: (f"000{p.number.replace('-', '')}", p.number.replace("-", ""))),
    ("accession number", lambda p: (p.accession, p.accession)),
    ("accession number, digits only", lambda p: (p.accession[1:], p.accession[1:])),
    ("institution", lambda p: (p.house, p.house.split()[0])),
    ("institution in capitals", lambda p: (p.house.upper(), p.house.split()[0].upper())),
    ("street", lambda p: (p.street, p.street.split()[0])),
    ("town", lambda p: (p.town, p.town)),
    ("phone", lambda p: (p.phone, p.phone)),
    ("phone without blanks", lambda p: (p.phone.replace(" ", ""), p.phone.replace(" ", "")[1:])),
    ("phone in foreign form", lambda p: ("+49 " + p.phone[1:].replace(" ", "-"), p.phone[-7:])),
    ("uid of the study", lambda p: (f"{ROOT}.{p.number.replace('-', '.')}.1", f"{ROOT}.{p.number.replace('-', '.')}.1")),
    *((f"seen on {form}", lambda p, form=form: (_date(p.seen, form),) * 2) for form in DATE_FORMS),
    *((f"born on {form}", lambda p, form=form: (_date(p.born, form),) * 2) for form in DATE_FORMS[:12]),
)  # fmt: skip

UNKNOWN_FORMS: tuple[tuple[str, str, str], ...] = (
    ("another doctor", "seen by Dr. Haverstock today", "Haverstock"),
    ("another doctor in capitals", "REFERRED BY DR. HAVERSTOCK", "HAVERSTOCK"),
    ("a couple", "Mr. and Mrs. Wolverhampton informed", "Wolverhampton"),
    ("a name and a degree", "signed Anita Deshmukh, MD", "Deshmukh"),
    ("a name after patient", "Patient Ekaterina Volkova, stable", "Volkova"),
    ("PN in text", "OYELARAN^FUNMILAYO CT CHEST", "OYELARAN"),
    ("a foreign name", "discussed with Nguyen", "Nguyen"),
    ("e-mail", "mail to j.weiss77@posteo.example.org", "weiss77"),
    ("web page", "see https://pacs.example.org/view?id=77", "example.org"),
    ("host", "from pacs01.klinikum-nord.de", "klinikum-nord"),
    ("address on the net", "sent by 172.16.254.11", "172.16.254.11"),
    ("phone of others", "call (555) 201-4477", "201-4477"),
    ("pager", "pager 40017", "40017"),
    ("social security number", "SSN 078-05-1120", "078-05-1120"),
    ("number after MRN", "MRN: 8812345", "8812345"),
    ("number after accession", "Acc# 77-20391", "77-20391"),
    ("case number", "case no. 20391", "20391"),
    ("insurance", "insurance KV778120391", "KV778120391"),
    ("street of others", "lives at 4711 Birchwood Avenue", "Birchwood"),
    ("post code", "Springfield, IL 62704-1234", "62704"),
    ("other hospital", "transferred from St. Elisabeth Hospital", "Elisabeth"),
    ("great age", "a 97-year-old woman", "97"),
    ("date of others", "prior CT of 14.02.2009", "14.02.2009"),
    ("month and year", "resected in March 2011", "March 2011"),
    ("word nobody knows", "Xqzyploth", "Xqzyploth"),
    ("number nobody knows", "77120391", "77120391"),
)

KNOWN_PLACES = (
    "SequenceName BodyPartExamined ManufacturerModelName SoftwareVersions DetectorDescription "
    "WindowCenterWidthExplanation PulseSequenceName ConvolutionKernel FilterType ContrastBolusRoute ScanOptions "
    "AcquisitionProtocolName SegmentLabel PositionReferenceIndicator ContentLabel CodingSchemeName BeamName "
    "DocumentTitle TrackingID HistogramExplanation RTImageLabel ViewName"
)
"""Attributes outside the table that hold text."""
ELSEWHERE = (
    "ImageType value 4|LUTExplanation|CodeMeaning|UN with known tag|unknown tag|UN in UTF-16|group length|group 0004|"
    "curve label|overlay label|trailing padding|"
    "private PN|private OB|private without creator|source AE title|private information"
)


def plant_places(target: Dataset, who: Person) -> list[Plant]:
    """The family name in places that the table does not know."""
    planted = []
    for keyword in KNOWN_PLACES.split():
        target.add(
            DataElement(keyword, dictionary_VR(tag_for_keyword(keyword) or 0)[:2], f"x {who.family}"[:16], validation_mode=0)
        )
        planted.append(keyword)
    target.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL", who.family.upper()[:16]]
    table = Dataset()
    table.LUTExplanation = f"by {who.family}"
    target.ModalityLUTSequence = Sequence([table])
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "99LOCAL", f"as {who.family} wants"
    target.ProcedureCodeSequence = Sequence([code])
    target.add(DataElement(0x00181023, "UN", who.family.encode(), validation_mode=0))
    target.add(DataElement(0x00180FF1, "LO", who.family, validation_mode=0))
    target.add(DataElement(0x00280FF2, "UN", who.family.encode("utf-16-le"), validation_mode=0))
    target.add(DataElement(0x00080000, "UL", 10))
    target.add(DataElement(0x00041130, "CS", who.family.upper()[:16], validation_mode=0))
    target.add(DataElement(0x50000022, "LO", who.family, validation_mode=0))
    target.add(DataElement(0x60001500, "LO", who.family, validation_mode=0))
    target.add(DataElement(0xFFFCFFFC, "OB", who.family.encode()))
    block = target.private_block(0x0033, "ACME FAMILY BLOCK", create=True)
    block.add_new(0x10, "PN", who.family)
    block.add_new(0x11, "OB", who.family.encode("utf-16-le"))
    target.add(DataElement(0x00351010, "LO", who.family, validation_mode=0))
    target.file_meta.SourceApplicationEntityTitle = who.family.upper()[:16]
    target.file_meta.add(DataElement(0x00020102, "OB", who.family.encode()))
    return [Plant(place, who.family[:12]) for place in (*planted, *ELSEWHERE.split("|"))]
