"""Coded entries (PS3.3 8.8): a code may stand for a person, and then its meaning is a name.

A registered scheme has no codes for people, so its meanings stay unless they are somebody's name and nothing else. Schemes of a
site, which begin with 99 or are called L, have codes for its staff and its rooms; their meanings are cleaned like other text of
which nobody knows what it says, and the value of a code for a person goes with the name.
"""

from __future__ import annotations

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, text_of
from deidkit_ps315.scrub.job import Job, Place
from deidkit_ps315.standard.values import TEXT, put
from deidkit_ps315.text.cleaner import MARKS
from deidkit_ps315.text.people import is_persons_name, may_be_person

MEANING, EXTENDED_MEANING, SCHEME = 0x00080104, 0x00080108, 0x00080102
MEANINGS = frozenset({MEANING, EXTENDED_MEANING})
VALUES = {0x00080100: "SH", 0x00080119: "UC", 0x00080120: "UR"}
_REGISTERED = (
    "ACR ASTM-SIGPURPOSE BARI BI C4 C5 CD2 CDT DC DCM DCMUID DNS19 FMA GDSN GMDN HPC I10 I10C I10P I9 I9C IBSI "
    "ICD-O ICD10 ICDO3 IEEE11073 ISO3166_1 ISO639_1 ISO639_2 ISO_OID ITIS_TSN LN LOINC MA MDC MDNS MGI MSH MVX "
    "NCBITAXON NCDR NCIT NCIm NCIt NDC NEU NICIP NIFSTD NYUMCCG OHSM PATHLEX POS PUBCHEM_CID RADELEMENT RADLEX "
    "RFC3066 RFC5646 RO RXNORM SCPECG SCT SNM3 SRT SNOMED-CT UBERON UCUM UMLS UNDATA UNS UPC"
)
REGISTERED = frozenset(_REGISTERED.split())
"""Coding schemes of PS3.16 Table 8-1 that are published and name nobody."""


def cleaned_meaning(job: Job, place: Place, text: str) -> str:
    """What stays of the meaning of a code."""
    if is_persons_name(text):
        return MARKS["name"]
    if _scheme(place) in REGISTERED:
        return job.text.sweep(text)
    return MARKS["name"] if may_be_person(text) else job.text.clean_certain(text)


def take_out_value(place: Place) -> None:
    """Replaces the value of a code that stands for a person; an item of a registered scheme keeps its own."""
    if _scheme(place) in REGISTERED:
        return
    for tag, vr in VALUES.items():
        if tag in place.dataset:
            put(place.dataset, tag, vr, TEXT)


def names_person(meaning: str) -> bool:
    return MARKS["name"] in meaning


def _scheme(place: Place) -> str:
    return _text(place.dataset, SCHEME)


def _text(item: Dataset, tag: int) -> str:
    element = item.get_item(tag)
    return text_of(element, UNDECLARED).strip() if element is not None else ""
