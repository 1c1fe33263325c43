"""Words that come before or after a person's name, that turn a name into an eponym, or that a name is mistaken for."""

from __future__ import annotations

from deidkit_ps315.text.tokens import Passage
from deidkit_ps315.text.vocabulary import eponyms

_STRONG = (
    "dr drs prof professor mr mrs ms miss mister mssr herr herrn frau sr sra srta senor senora mme mlle monsieur madame "
    "dott dottor dottoressa sig signora dhr mevr mw hr fr rev pfarrer doctor doktor"
)
STRONG = frozenset(_STRONG.split())
"""Titles: what follows is a name whatever it looks like."""

_WEAK = (
    "patient patientin pt pat pte paciente paziente patiente name named surname lastname firstname by per from von "
    "referring referrer ref cc attn attention physician surgeon radiologist technologist technician tech operator nurse "
    "sonographer cardiologist attending consultant resident fellow registrar wife husband mother father son daughter "
    "brother sister spouse guardian contact signed dictated transcribed reviewed reported requested ordered performed "
    "interpreted verified approved seen discussed with informed called arzt arztin uberweiser geb born aka alias subject"
)
WEAK = frozenset(_WEAK.split())
"""Words after which a name often stands; a capital has to speak for it too."""

_AGENTS = (
    "to by physician surgeon radiologist technologist technician tech operator nurse sonographer referring referrer "
    "attending resident cc attn signed dictated name named"
)
AGENTS = frozenset(_AGENTS.split())
"""Of these, the words after which a name stands even where capitals say nothing."""

_SIGNERS = "tech technologist technician radiographer sonographer operator mtra initials dictated transcribed signed"
SIGNERS = frozenset(_SIGNERS.split())
"""Words after which two or three capitals are somebody's initials."""

_DEEDS = "informed notified aware paged agreed agrees concurs requested dictated signed states stated telephoned phoned"
DEEDS = frozenset(_DEEDS.split())
"""What somebody does who is named right before."""

_AFTER = "md phd do mbbs frcr frcs facs rn rt rdms rpa pa np dds dvm esq jr sr iii fracr mrcp"
AFTER = frozenset(_AFTER.split())
"""Degrees and suffixes that follow a name."""

_PARTICLES = "van von der den de del della di da dos das du la le el al bin ibn abu ben ter ten zu zur st mc mac o d"
PARTICLES = frozenset(_PARTICLES.split())

_EPONYM_NOUNS = (
    "disease syndrome sign signs lesion lesions fracture fractures cyst cysts type line lines score grade classification "
    "tumor tumour lymphoma lymphomas sarcoma node nodes nodule nodules catheter drain tube angle space pouch ligament "
    "fascia canal duct hernia test maneuver manoeuvre position view views units unit stage stent shunt procedure anomaly "
    "spaces ring rings lobe rod rods filter pin pins wire wires plate nail prosthesis reconstruction anastomosis bypass "
    "osteotomy staging degree grading projection lateral lat pa ap oblique axial flexion i ii iii iv "
    "malformation deformity criteria artery vein nerve foramen gland body bodies cell cells palsy chorea thyroiditis ulcer "
    "contracture contour spot spots operation repair cavity fossa triangle plexus diverticulum encephalopathy cystosarcoma "
    "granulomatosis arteritis index system method protocol scale ring reflex phenomenon aneurysm abscess defect tubercle "
    "tendon triad tetralogy cirrhosis b kernel morbus osteochondrosis krankheit zyste fraktur syndrom zeichen"
)
EPONYM_NOUNS = frozenset(_EPONYM_NOUNS.split())

_LOOSE = (
    "lateral lat pa ap oblique axial flexion i ii iii iv b body bodies view views position lesion lesions node nodes nodule "
    "nodules protocol method system index scale unit units cell cells type"
)
LOOSE_NOUNS = frozenset(_LOOSE.split())
"""Of these, what follows anybody's name as well: no proof of an eponym where the patient is called so."""


_DOUBLE = "mr ms dr fr sr hr mw sig pt pat rn np pa do rt md"
DOUBLE = frozenset(_DOUBLE.split())
"""Titles that in capitals are something else as well: MR and DR images, French sizes, structured reports."""


UNITS = frozenset({"ms", "hr", "fr", "mr"})
"""Titles in small letters that after a number are a unit: milliseconds, hours, French."""


_PLAIN = (
    "head neck chest hand hands foot feet arm arms leg legs hip hips knee knees back brain heart breast bone bones skull body "
    "spine eye eyes ear ears nose tooth teeth nail skin hair lung lungs liver axis long short left right cold hot heavy light "
    "small large high low dual single fast field view plane slice stone"
)
PLAIN = frozenset(_PLAIN.split())
"""Words of anatomy and of protocols, which in capitals are hardly ever somebody of that name."""

_TWO = (
    "ct mr us xa rf nm pt dx cr mg es op sm ot ap pa no do an he in is it of on or so to up we at be by go if me my as am li "
    "ma al la le ax co ca se te tr ti fa il"
)
ABBREVIATIONS = frozenset(_TWO.split())
"""What two capitals are taken for before a name."""


def is_title(passage: Passage, number: int) -> bool:
    """Whether the token is a title: ``Dr``, ``dr`` and ``DR.`` are, ``DR`` and ``MR`` are modalities."""
    token = passage.tokens[number]
    if token.text not in STRONG or (token.raw in UNITS and number and passage.tokens[number - 1].text.isdigit()):
        return False
    return token.text not in DOUBLE or not token.raw.isupper() or passage.text[token.end : token.end + 1] == "."


def is_eponym_use(passage: Passage, number: int, of_patient: bool = False) -> bool:
    """Whether the eponym at ``number`` names a thing here: a fitting noun or another eponym follows, or one precedes.

    ``of_patient`` says that it is the patient's name too, so that more is asked of the noun.
    """
    tokens = passage.tokens
    following = [token for token in tokens[number + 1 : number + 3] if token.text != "s"]
    if of_patient and following and following[0].text in LOOSE_NOUNS:
        return False
    if following and (following[0].text in EPONYM_NOUNS or (following[0].gap == "-" and following[0].text in eponyms())):
        return True
    before = tokens[number - 1] if number else None
    if before is None:
        return False
    return (tokens[number].gap == "-" and before.text in eponyms()) or before.text in {"morbus", "m", "score", "type", "grade"}
