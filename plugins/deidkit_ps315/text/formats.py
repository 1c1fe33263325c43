"""Forms that identify whoever they belong to: phone numbers, addresses, numbers of records, places on the net."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from deidkit.identity.dates import VERSION
from deidkit.identity.folding import fold
from deidkit_ps315.text.doubtful_words import is_colour
from deidkit_ps315.text.tokens import Span, tokens_of
from deidkit_ps315.text.vocabulary import clinical, names, words

Match = re.Match[str]

_STREETS = (
    "street|avenue|ave|road|rd|lane|ln|drive|boulevard|blvd|terrace|highway|hwy|parkway|pkwy|crescent|square|court|st|way|place"
)
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th)"
_CAPITAL = r"[A-ZÀ-Ý][\w'’.-]*"
_RUES = "rue|avenue|via|viale|piazza|calle|avenida|rua|paseo"
_GERMAN = "straße|strasse|str\\.|weg|platz|gasse|allee|damm|ufer|laan|straat|plein|gatan|vej|veien"
_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI "
    "SC SD TN TX UT VT VA WA WV WI WY DC"
).replace(" ", "|")
_RECORDS = {
    1: (
        "mrn|pid|m\\.r\\.n\\.?|uhid|npi|dea|gmc|ssn|nhs|imei|vin|iban|ik|vnr|kvnr|passport|policy|police|account|acct|"
        "accession|"
        "acsn|chart|insurance|medicare|medicaid|ramq|member id|plan id|plan number|group number|medical record|konto|"
        "kontonummer|"
        "kto|compte|conto|cuenta|conta|rekening|carte vitale|tessera sanitaria|versichertennummer|mitgliedsnummer|"
        "fallnr|fallnummer|patientennummer|"
        "aufnahmenummer|rechnung|rechnungsnr|invoice|receipt|kst|kv-nr|blz|"
        "inmate|prisoner|detainee|employee|badge|patient id|pat\\.? ?id"
    ),
    2: "id|kasse|krankenkasse|kostenstelle|beneficiary|member|licen[cs]e|serial|s/n|barcode|specimen|dossier|cartella|historia|"
    "auftrag|acc|hospital|uid",
    4: (
        "record|file|case|order|req|visit|encounter|admission|patient|pat|pt|subject|study|exam|fall|plan|group|grp|"
        "pin|card|karte|ticket|contract|vertrag|bill|sample|token"
    ),
}
"""Words before a number of somebody, by the digits that it has at least; those of 4 are everyday words of reports as well."""
_RECORD = "|".join(_RECORDS.values())
_LABEL = r"(?P<mark>[ .-]{0,2}(?:number|num|no|nr|nummer|id|#|n°|nº)\b|\s?#)?[ .:=#-]{0,3}"
_PHONES = {
    2: (
        "tel|telefon|telephone|telefono|telefoon|phone|fax|handy|piepser|dect|durchwahl|nebenstelle|apparat|funk|"
        "pager|bleep|beeper"
    ),
    3: "extension|ext",
    4: "app|x",
    7: "mobile|mobil|mob|cell|call|callback|ph",
}
"""Words before the number of a telephone, by the digits that it has at least."""
LEAST_OF_PHONES = {label: least for least, labels in _PHONES.items() for label in labels.split("|")}
_PHONE = "|".join(_PHONES.values())
WEAK = 4

_NUMBERED = (
    "series image images slice frame phase view level segment fraction scan acquisition lot grade stage type zone beam field "
    "run bed step part vertebra lesion nodule phantom station"
)
NUMBERED = frozenset(_NUMBERED.split())
"""Words whose number tells one picture or finding from another, not one person."""
_SETTINGS = (
    "te tr ti fa b bval bvals bw w l ww wl wc c window level matrix fov hu kv ma mas ms mm images slices range from to tsl esp"
)
SETTINGS = frozenset(_SETTINGS.split()) | NUMBERED
"""Words before numbers that set up a machine or a window."""
UNIT_AFTER = re.compile(r"\s?(?:%|mm|cm|ml|mg|kg|ms|days?|weeks?|months?|years?|hours?|times?|of|images?|x)\b|[.,]\d")
ENDS = re.compile(r"\s*(?:$|[,;.)\n](?!\d))")
SCANNED = re.compile(r"\b(?:pet|pt|wb|whole|position|positions|pos|acq|acquisition|frames?|min|of)\b", re.IGNORECASE)
"""Words beside the number of a bed that is a step of a scanner's table."""
REACH = 24
"""Characters beside a match that are looked at for what it is about."""
CAME = re.compile(r"\b(?:in|with|by|mit|im|mit dem|vehicle|van|taxi|ambulance|rtw|ktw|nef)\s$", re.IGNORECASE)
"""Words before the plate of the car that somebody came in."""
UNITS = frozenset({"MM", "CM", "ML", "MA", "KV", "MG", "KG", "HZ", "DT", "ST", "ND", "RD", "TH", "SL", "MS", "GY"})
STREETS = frozenset({"street", "avenue", "road", "boulevard", "blvd"})
PLAIN_STREETS = frozenset({"st", "way", "place", "court", "square", "drive", "lane", "terrace"})


def _always(_match: Match) -> bool:
    return True


def _digits(match: Match) -> int:
    return sum(c.isdigit() for c in match[0])


def _is_long(match: Match) -> bool:
    return _digits(match) >= 8


def _is_mixed(match: Match) -> bool:
    return any(c.isalpha() for c in match[0]) and any(c.isdigit() for c in match[0])


def _is_record(match: Match) -> bool:
    """A number of as many digits as its word asks for; behind everyday words a mark, a colon or the end of the clause helps."""
    value: str = match["it"]
    digits = sum(c.isdigit() for c in value)
    label, before = match["label"].lower(), match.string[: match.start()].split()
    least = next((least for least, labels in _RECORDS.items() if re.fullmatch(labels, label)), WEAK)
    between = match.string[match.end("label") : match.start("it")]
    if (before and before[-1].lower() in NUMBERED) or not between:
        return digits >= (2 if least == 1 else 3) or (digits >= 2 and len(value) >= 5)
    if least == 2 and between.strip():
        least = 1
    if least < WEAK:
        return digits >= least and not UNIT_AFTER.match(match.string, match.end())
    if match["mark"] or ENDS.match(match.string, match.end()):
        return digits >= (1 if match["mark"] else 2)
    return len(value) >= 5 and digits >= 4


def _is_phone(match: Match) -> bool:
    return sum(map(str.isdigit, match[0])) >= LEAST_OF_PHONES[match["label"].lower()] and not match[0].endswith("000")


def _is_local_phone(match: Match) -> bool:
    """Three digits and four that are no range or pair of round numbers, nor settings after their names."""
    before = tokens_of(match.string[: match.start()])
    if before and before[-1].text in SETTINGS and not match.string[before[-1].end : match.start()].strip(" :="):
        return False
    return not all(int(group) % 25 == 0 for group in (match["one"], match["other"]))


def _is_plain_plate(match: Match) -> bool:
    """Letters that are no word of protocols, nor a unit."""
    return all(
        "-" in match[0] or (token.text not in clinical() and token.raw not in UNITS)
        for token in tokens_of(match[0])
        if token.raw.isalpha()
    )


def _is_spaced_plate(match: Match) -> bool:
    """A district, letters and a number, none of which is a word of protocols, a side, a unit or a setting."""
    district, letters = fold(match["district"]), fold(match["letters"])
    if UNIT_AFTER.match(match.string, match.end()):
        return False
    if len(district) == 1 and CAME.search(match.string[max(0, match.start() - REACH) : match.start()]):
        return True
    plain = letters in clinical() or letters.upper() in UNITS or letters in SETTINGS
    return not plain and (len(district) == 1 or district not in clinical())


def _is_lone_mark(match: Match) -> bool:
    """A number that follows no word of its clause which it could count, as the tooth or the lesion."""
    before = match.string[max(0, match.start() - REACH) : match.start()].rstrip(" \t")
    return not before or before[-1] in ",;.:\n"


def _is_bed(match: Match) -> bool:
    """The bed of a ward, rather than a position of the table of a scanner."""
    return SCANNED.search(match.string[max(0, match.start() - REACH) : match.end() + REACH]) is None


def _is_numbered(match: Match) -> bool:
    return match["label"].lower() not in NUMBERED and sum(c.isdigit() for c in match["it"]) >= 4


def _is_plate(match: Match) -> bool:
    return len(match["it"]) >= 4 and any(c.isalpha() for c in match["it"]) and sum(c.isdigit() for c in match["it"]) >= 2


def _has_digits(match: Match) -> bool:
    return any(c.isdigit() for c in match["it"])


def _is_street(match: Match) -> bool:
    told = [token.text for token in tokens_of(match["street"])]
    return match["type"].lower() not in PLAIN_STREETS or not all(word in clinical() for word in told)


def _is_plain_street(match: Match) -> bool:
    """A street in small letters, with a number before or after it, named by words that are no clinical ones."""
    if match["street"] is None and match["number"] is None:
        return False
    told = [token.text for token in tokens_of(match["street"] or match["named"])]
    return match["type"].lower() in STREETS or not any(word in clinical() and word not in names() for word in told)


def _is_site(match: Match) -> bool:
    return any(token.text not in words() for token in tokens_of(match["site"]))


def _is_person_or_unknown(match: Match) -> bool:
    return any(token.text in names() or token.text not in words() for token in tokens_of(match["site"]))


def _is_lone_number(match: Match) -> bool:
    before = tokens_of(match.string[: match.start()])
    return not before or before[-1].text not in NUMBERED


def _is_host(match: Match) -> bool:
    """More than two words with a stop between them, of which the missing blank of a sentence would make a place on the net."""
    return match[0].count(".") > 1 or any(c.isdigit() or c == "-" for c in match[0])


DECIMAL_ROW = re.compile(r"-?\d+\.\d+(?:[\s,;\\]{1,2}-?\d+\.\d+){3,}")
"""Four decimals and more: a vector or a matrix. Up to three may be a place and its height."""


def _is_net(match: Match) -> bool:
    """Not a time of day: letters or an empty group have to be there."""
    return "::" in match[0] or any(c.isalpha() for c in match[0])


def _is_version(match: Match) -> bool:
    return VERSION.search(match.string[: match.start()]) is None


def _no_unit(match: Match) -> bool:
    return match[0][-2:] not in UNITS


def _no_colour(match: Match) -> bool:
    return not is_colour(match[0])


def _is_place(match: Match) -> bool:
    rows = DECIMAL_ROW.finditer(match.string)
    return not any(row.start() <= match.start() and match.end() <= row.end() for row in rows)


@dataclass(frozen=True, slots=True)
class Form:
    """A pattern; where it has a group ``it``, that group alone identifies. ``accept`` has the last word."""

    kind: str
    pattern: re.Pattern[str]
    accept: Callable[[Match], bool] = _always


def _form(kind: str, pattern: str, accept: Callable[[Match], bool] = _always, flags: int = re.IGNORECASE) -> Form:
    return Form(kind, re.compile(pattern, flags), accept)


AREA = (
    r"(?<![\w.,:/-])(?<!\d )(?:(?:00\d{1,3}[ /-]?\d{2,4}|0[1-9]\d{1,4})[ ]?[/ -][ ]?(?:\d{3,8}(?:[ -]\d{1,5}){0,3}|"
    r"\d{1,3}(?:[ -]\d{2,3}){1,4})|0[1-9]\d{2,3}[ ]?[/ -][ ]?\d{2,8}(?:-\d{1,5})?)"
    r"(?![\w/]|[.,:]\d)"
)
"""A number with an area code, which begins with 0 as no measurement does."""
FORMS = (
    _form("contact", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    _form("contact", r"(?<![\w.+-])[a-z][\w.+-]{1,63}@[a-z][\w-]{1,63}(?![\w@])"),
    _form("contact", r"(?<![\w~@/])[~@](?P<site>[a-z][\w.-]{2,63})", _is_person_or_unknown),
    _form("contact", r"(?<![\w.])(?:users?|home)/(?P<site>[a-z][\w.-]{1,63})", _is_person_or_unknown),
    _form("contact", r"(?<![\w.-])[\w-]{1,64}\.(?:dcm|ima|jpe?g|png|tiff?|pdf|docx?|xlsx?|txt|zip|nii|avi|mp4)(?!\w)"),
    _form("id", r"(?<![\w-])[A-Z]\d{4}-\d{3}(?:-\d{1,3})?(?![\w-])", flags=0),
    _form("id", r"(?<!\w)(?:no|nr|nummer|number)\b[.:]?\s?#?(?P<it>\d{4,}\w*(?:[-/.]\w+)*)", _is_lone_number),
    _form("contact", r"\b[a-z][a-z\d+.-]{1,15}://\S+|\bwww\.\S+"),
    _form(
        "contact",
        r"(?<![\w.:-])[\w.:-]{0,99}/(?:(?:home|users?|people|staff|profiles|mnt|data|export|share)/\S+|~\w+(?:/\S*)?)",
    ),
    _form(
        "contact",
        r"(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:local|lan|intra|intranet|intern|corp|"
        r"localdomain)\b(?::\d+)?(?:/\S*)?",
    ),
    _form(
        "contact",
        r"(?<![\w.-])[a-z][\w-]{1,63}(?:\.[a-z][\w-]{1,63}){0,8}"
        r"\.(?:internal|home|hospital|clinic|com|org|net|edu|gov)\b(?::\d+)?(?:/\S*)?",
        _is_host,
        0,
    ),
    _form(
        "contact",
        r"(?<![\w.-])(?P<site>[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})\.(?:com|org|net|edu|gov|de|co\.uk|fr|nl|at|ch|it|es|pt|"
        r"pl|se|dk|fi|eu|be|cz|info|health|local|lan|intern)\b(?:/\S*)?",
        _is_site,
        0,
    ),
    _form("contact", r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\.?\d)", _is_version),
    _form("contact", r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"),
    _form("contact", r"(?<![\w.])\+\d{1,3}[\s./-]?(?:\(0?\d+\)[\s./-]?)?\d(?:[\s./-]?\d){6,12}(?!\d)"),
    _form("contact", r"(?<![\w.])\(\d{2,5}\)[\s./-]?\d{2,4}(?:[\s./-]?\d{2,4}){1,3}(?!\d)", _is_long),
    _form("contact", r"\b(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}\b", _is_mixed),
    _form("contact", r"(?<![\w.-])\d{3}[-.\s]\d{3}[-.\s]\d{4}(?![\w-])"),
    _form("contact", r"(?<![\w./-])0\d{1,4}\s?[/-]\s?\d{3,4}(?:[\s-]?\d{2,4}){1,3}(?![\d/])"),
    _form("contact", AREA),
    _form("contact", rf"\b(?P<label>{_PHONE})\b\.?\s?(?:no\.?|number)?[:#]?\s*[+-]?\(?\d(?:[\d\s()./-]{{0,18}}\d)", _is_phone),
    _form("contact", r"(?<![\w.])x\d{4,5}(?![\w.])(?<!00)", flags=0),
    _form("contact", r"(?<![\w.,/-])(?<!\d )(?P<one>\d{3})[ /-](?P<other>\d{4})(?![\w/-]|[.,]\d|\s\d|\s?x\b)", _is_local_phone),
    _form("id", r"(?<![\w.-])\d{3}-\d{2}-\d{4}[A-Z]?(?![\w-])"),
    _form("id", r"(?<![\w./-])(?:19|20)\d{2}/\d{4,}(?!\w)"),
    _form("id", r"(?<![\w.-])\d{3}\s\d{3}\s\d{4}(?![\w-])"),
    _form("id", r"(?<![\w.-])[A-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-Z](?!\w)", flags=0),
    _form("id", rf"\b(?P<label>{_RECORD})\b{_LABEL}(?P<it>[A-Z]{{0,6}}[-/]?\d\w*(?:[-/.]\w+)*(?:\s\d{{5,}}\w*)?)", _is_record),
    _form(
        "id",
        r"\b(?P<label>[^\W\d_]{2,16})[ -]?(?:no|nr|nummer|number|num|n°|nº|№)\b[.:]{0,2}\s?#?"
        r"(?P<it>[A-Z]{0,3}[-/ ]?\d\w*(?:[-/.]\w+)*)",
        _is_numbered,
    ),
    _form(
        "id",
        r"\b(?i:plate|kennzeichen|reg|registration|licen[cs]e)\b[.:]?\s?"
        r"(?P<it>\d?[A-Z]{1,3}[- ]?[A-Z\d]{1,4}(?:[- ]?[A-Z\d]{2,4})?)\b",
        _is_plate,
        0,
    ),
    _form(
        "id",
        r"\b(?i:kfz|kennzeichen|matr[ií]cula|targa|immatriculation|kenteken|plaque|license plate|number plate|plate|"
        r"pkw|car|auto|vehicle|voiture|coche)\b[.:]?\s?"
        r"(?P<it>[A-ZÄÖÜ\d]{1,4}(?:[ -]?[A-ZÄÖÜ\d]{1,4}){1,3})(?!\w)",
        _has_digits,
        0,
    ),
    _form("id", r"(?<![\w-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{1,4}[EH]?(?![\w-])", flags=0),
    _form(
        "id",
        r"(?<![\w-])(?<![A-ZÄÖÜ\d] )(?P<district>[A-ZÄÖÜ]{1,3}) (?P<letters>[A-Z]{2}) \d{2,4}[EH]?(?![\w/-]|[.,]\d)",
        _is_spaced_plate,
        0,
    ),
    _form("id", r"(?<![\w-])[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}(?![\w-])", _is_plain_plate, 0),
    _form("id", r"(?<![\w-])(?:[A-Z]{2}\d{2} [A-Z]{3}|\d{4} [B-DF-HJ-NP-TV-Z]{3})(?![\w-])", _is_plain_plate, 0),
    _form("contact", r"\b(?:user(?:name)?|login|skype|kennung|benutzer)\s?[:=]\s?(?P<it>[\w.@-]{3,})"),
    _form("place", r"(?<![\w.,/-])0\d{4}(?=\s(?-i:[A-ZÄÖÜ])[a-zäöüß]{2,})"),
    _form("id", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
    _form("contact", r"(?<![\w:])(?:[0-9a-f]{1,4}:{1,2}){3,7}[0-9a-f]{1,4}(?![\w:])", _is_net),
    _form("contact", r"(?<!\w)(?:[A-Z]:\\|\\\\|/(?:home|users|mnt|data|export)/)\S+"),
    _form("place", r"\b(?:room|kamer|chambre|habitación)[:\s]\s?(?P<it>\d{2,}\w*)"),
    _form("place", r"\b(?:(?:zimmer|raum|haus|bett)[:\s]\s?\d+\w*|bed\s\d+-?[A-Z]\b)"),
    _form(
        "place",
        r"(?:\b(?i:in|from|to|von|aus|ward\s\w{1,4},?)\s(?i:bed)|\b(?i:bed\s(?:no\.?|number))|(?:^|(?<=[,;/]\s))Bed)\s\d{1,3}(?=\s*(?:$|[,;.)\n]))",
        _is_bed,
        re.MULTILINE,
    ),
    _form("place", r"\b(?i:station)\s\d{1,2}(?:[B-KMNOQT-Z]|[- ][A-KMNOQT-Z])(?!\w)", flags=0),
    _form("place", r"\b(?:ward|suite|apt|apartment|zi\.)\s(?P<it>\d{1,4}\s?[a-z]?)\b"),
    _form("place", r"\b(?:zip|zip ?code|post ?code|postal code|plz)[:\s]{1,2}(?P<it>[A-Z\d][A-Z\d -]{2,8}\d\w*)"),
    _form("place", r"〒\s?\d{3}-?\d{4}"),
    _form("place", r"(?<![\d.])-?\d{1,2}\.\d{4,},?\s?-?\d{1,3}\.\d{4,}(?!\d)", _is_place),
    _form("place", r"\b(?:lat|lon|long|latitude|longitude)\b[.:]?\s?-?\d{1,3}\.\d{3,}"),
    _form("place", r"\d{1,3}°\s?\d{1,2}['′]\s?(?:\d{1,2}(?:\.\d+)?[\"″]\s?)?[NSEWO]\b"),
    _form("place", r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z]\s\d[A-Z]\d\b", flags=0),
    _form("place", r"\b[1-9]\d{3}\s[A-Z]{2},?\s[A-ZÀ-Ý][a-zà-ÿ]{3,}", flags=0),
    _form(
        "date",
        r"\b(?:born|year of birth|birth year|yob|jahrgang|geboren|n[ée]e?|nacid[oa]|nat[oa])[\s:]{1,2}"
        r"(?:(?:in|im jahr|en|nel)\s)?"
        r"(?P<it>(?:18|19|20)\d\d)(?![\d./-])",
    ),
    _form("id", r"#\s?(?P<it>\d{4,}[\w-]*)", _no_colour),
    _form("id", r"#(?P<it>\d{2,3})(?=\s*(?:$|[,;.)\n]))", _is_lone_mark),
    _form(
        "place",
        rf"\b\d{{1,5}}[a-z]?,?\s(?P<street>((?:{_CAPITAL}|{_ORDINAL})\s){{1,3}})(?P<type>(?i:{_STREETS}))\b\.?",
        _is_street,
        0,
    ),
    _form(
        "place",
        r"(?<![\w.,])(?:\d{1,5}[a-z]?,?\s(?P<street>(?:[a-z]{3,}\s){1,2})|(?P<named>(?:[A-Z][\w'’-]+\s|[a-z]{3,}\s){1,2}))"
        r"(?P<type>(?i:street|avenue|road|boulevard|blvd|terrace|crescent|lane|"
        r"drive))(?P<number>,?\s\d{1,4}[a-z]?)?(?!\w)(?:,\s(?P<town>[^\W\d_]{3,}))?",
        _is_plain_street,
        0,
    ),
    _form("place", rf"\b[A-ZÄÖÜ][\wäöüß-]*(?i:{_GERMAN})\s?\d{{1,4}}\s?[a-z]?\b", flags=0),
    _form(
        "place",
        rf"\b(?i:ul|al|pl|nám|tř|avda|plaza|corso|largo|praça)\.?\s{_CAPITAL}"
        rf"(?:\s{_CAPITAL})?,?\s\d{{1,4}}[a-z]?\b",
        flags=0,
    ),
    _form("place", rf"(?<![\w.])ul\.\s{_CAPITAL}", flags=0),
    _form("place", rf"\b{_CAPITAL}\s(?:Str\.|Straße|Strasse|Weg|Platz|Allee|Gasse|Damm|Ufer)\s?\d{{1,4}}[a-z]?\b", flags=0),
    _form(
        "place",
        rf"\b\d{{1,4}}(?:\s(?:bis|ter))?,?\s(?i:rue|avenue|boulevard|place|quai|chemin)\s"
        rf"(?:(?:de|du|des|la|le|les)\s)*{_CAPITAL}",
        flags=0,
    ),
    _form("place", rf"\b(?i:{_RUES})\s(?:(?i:d[eiua]l?l?a?s?)\s)?{_CAPITAL},?\s\d{{1,4}}\b", flags=0),
    _form("place", r"\b(?:p\.?\s?o\.?\s?box|postfach|postbus|bo[iî]te postale|casella postale|apartado)\s\d+"),
    _form("place", rf"\b(?:{_STATES})\s\d{{5}}(?:-\d{{4}})?\b", flags=0),
    _form("place", r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b", _no_unit, 0),
    _form("place", r"\b(?:D|A|CH|F|I|B|NL|L)-\d{4,5}(?:\s[A-ZÄÖÜ][\wäöüß-]+)?", flags=0),
)  # fmt: skip
AGE = re.compile(
    r"(?<![\d.])(?P<age>0{0,2}9\d|0?1[0-2]\d)(?=\s?-?\s?(?:years?|yrs?|y/?o|jahre|jährig\w*|jaehrig\w*|ans|años|"
    r"anni|jaar|y)\b)",
    re.IGNORECASE,
)
AGED = re.compile(r"\b(?:aged?|alter|âge|edad|età)\s?:?\s?(?P<age>9\d|1[0-2]\d)(?!\d|[.,]\d|\s?(?:mm|cm|kg|ml))", re.IGNORECASE)
UNITS_WORDS = "one|two|three|four|five|six|seven|eight|nine"
SEXED = re.compile(r"(?<![\w./-])(?P<age>9\d|10\d)(?=\s?[MF]\b(?![\w/-]))|(?<![\w.])[MF]\s?/\s?(?P<old>9\d|10\d)(?![\w./-])")
"""Age and sex, as in ``94M`` and ``F/96``."""
REACHED = re.compile(
    r"\b(?:turn(?:ed|s|ing)|celebrated (?:her|his|their))\s(?P<age>9\d|10\d)(?=\b(?!\s?(?:mm|cm|kg|ml|%|degrees)))"
    r"|\b(?P<old>9\d|10\d)(?=\.\s?Lebensjahr)"
    r"|\b(?:in (?:her|his|their|the)|mid|late|early)[ -](?P<tens>nineties)\b"
    r"|\b(?P<word>nonagenarian|centenarian)\b",
    re.IGNORECASE,
)
SPELLED = re.compile(
    rf"\b(?P<age>ninety(?:[ -](?:{UNITS_WORDS}))?|(?:a|one) hundred(?:[ -](?:and[ -])?(?:{UNITS_WORDS}|ten))?)(?=[ -]years?\b)",
    re.IGNORECASE,
)
OLDEST = "90+"


def find_patterns(text: str) -> Iterator[Span]:
    """Everything of these forms in ``text``."""
    if not any(c.isdigit() or c in "@.\\/:=#" for c in text):
        return
    for form in FORMS:
        for match in form.pattern.finditer(text):
            if form.accept(match):
                yield Span(*match.span("it" if match.groupdict().get("it") else 0), form.kind)


def find_ages(text: str) -> list[tuple[int, int, str]]:
    """Ages of 90 and more, to be written as ``90+``."""
    matches = (match for pattern in (AGE, AGED, SPELLED, SEXED, REACHED) for match in pattern.finditer(text))
    return [(*match.span(match.lastgroup or 0), OLDEST) for match in matches]
