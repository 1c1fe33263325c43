"""What a word announces that stands before it: initials after ``signed``, a name after ``née``, a town after ``lives in``.

Lists of names do not help where somebody is called like an everyday word or is only two letters. Here the word before decides,
and what follows goes even in small letters, unless it is one of the few words that go on with the sentence instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deidkit.identity.folding import fold
from deidkit_ps315.text.formats import UNITS
from deidkit_ps315.text.tokens import Span, passage_of, tokens_of
from deidkit_ps315.text.vocabulary import clinical, english, names

_LETTER = r"[^\W\d_]"
_WORD = rf"{_LETTER}{{2,}}(?:[-'’]{_LETTER}+)*"

_INITIALS = rf"(?:(?:{_LETTER}\.\s?){{1,3}}{_LETTER}?|{_LETTER}{{1,3}}|[A-ZÀ-Þ]{{4}})(?![\w'’])"
_SIGNED = rf"(?P<it>{_INITIALS}(?:\s?[/:&+]\s?{_INITIALS}){{0,3}})"
_SIGNATURES = (
    "sign|signed|signature|signee?|signée?|gez|gezeichnet|unterschrift|unterz|dict|dictated|diktat|diktiert|transcr|"
    "transcribed|"
    "typed|visum|vis|vidiert|initials|initialen|k[üu]rzel|kurzzeichen|paraphe|paraaf|firma|firmado|firmato|assinado|podpis|"
    "podpisano|underskrift|undertecknad|handtekening|getekend|allekirjoitus|al[áa][íi]r[áa]s|imza|подпись|i\\.\\s?[av]|p\\.p|"
    "tech|technologist|technician|mtr?a|rta|radiographer|sonographer|operator|reader|bef|befunder|rt\\(r\\)|vidi|vidit"
)
"""Words that only stand before a signature or before who did the work, once a stop or a colon follows."""
_DEEDS = (
    "reported|read|reviewed|verified|approved|checked|authored|prepared|performed|done|scanned|acquired|entered|requested|seen|"
    "co-?signed|countersigned|given|injected|inj\\.|cannulated|positioned|placed|inserted|examined|assisted|consented|screened|"
    "attending|resident|radiologist|radiologe|physician|doctor|arzt|nurse|rn|md|author|typist|secretary|sekr\\.?|schreibkraft|"
    "schrift|gesehen|befundung|ppa|qa|qc|rad|injector|d/t|"
    "befundet|validiert|freigegeben|untersucht|erstellt|gelesen|lu|relu|valid[ée]e?|r[ée]alis[ée]e?|informado|realizado|"
    "refertato|eseguito|beoordeeld|granskad|udf[øo]rt|utf[øo]rt|opisany|wykonane"
)
_BY = r"\.?\s(?:electronically\s)?(?:by|von|durch|vom|par|por|dal?|av|af|door|przez)"
SIGNATURE = re.compile(
    rf"(?<![\w.])(?:(?:{_SIGNATURES})(?:{_BY})?|(?:{_DEEDS})(?:{_BY}|(?=\s?[:=])))"
    rf"(?P<gap>[.:=]{{1,2}}\s{{0,2}}|\s[:=-]?\s?)(?=(?P<next>{_WORD})?){_SIGNED}?",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"(?<![\w/:.])(?P<it>[A-ZÀ-Þ]{2,3}\s?[/:]\s?[a-zà-þ]{2,3})\s*\.?\s*$", re.MULTILINE)
"""Who dictated and who wrote, at the end of a line: ``JH/mp``."""
_PLAIN = (
    "a an the and or but not no yes ok on at by in of to it is as for was were are be been with from us me my we he "
    "she if so up "
    "na nil none pos neg neu alt re li rt lt l r am im an zu der die das den dem des und mit bei per via le la les "
    "el il lo los "
    "ct mr mri us xr cr dx pt nm xa rf mg pet pa ap lat due own here this that all any one two new "
    "iv im sc po hand mouth phone fax mail team staff voice patient"
)
_END = r"\s*(?:$|[,;.)\n])"
ENDS = re.compile(_END)
SHORT = 2
PLAIN = frozenset(_PLAIN.split())
"""Words of a sentence, modalities, sides and units, which are no initials after a word such as ``sign``."""

_RANKED = re.compile(
    rf"(?<![\w.])(?:(?:L?OA|L?OÄ|AA|ÄA|FA|FÄ|CA|CÄ|StA|WBA|PJ)[.:]?\s(?P<ranked>[A-ZÄÖÜ]{{2}})|(?i:op|opera[dt](?:eu)?r|assi?)\.?\s?:\s?"
    rf"(?P<surgeon>{_LETTER}{{2}}))(?={_END})"
)
"""Initials after the rank of a hospital doctor, or after who operated."""
_BRACKETED = re.compile(r"\((?P<it>[a-zà-þ]{2}(?:/[a-zà-þ]{2})?)\)(?=\s*\.?\s*$)", re.MULTILINE)
"""Who wrote, in small letters at the end of a line; capitals in parentheses are an acronym."""
_CLOSING = re.compile(
    r"(?<!\w)(?i:mkg|mfg|mit\s(?:(?:freundlichen|kollegialen|besten|herzlichen)\s)+gr(?:ü|u|ue)(?:ß|ss)en|mit\s(?:freundlichem|kollegialem|bestem|herzlichem)\sgru(?:ß|ss)|(?:kind|best|warm)\sregards|"
    r"yours\s(?:sincerely|faithfully|truly)|cordialement|cordiali\ssaluti|atentamente|met\svriendelijke\sgroeten?|mvg|mvh|rgds)"
    rf"[.,:]?\s{{1,2}}(?P<it>(?:(?:{_LETTER}\.|{_LETTER}{{1,24}})(?:[ -](?=\w))?){{1,3}})(?={_END})"
)
"""Who wrote, after the words that close a letter."""

_BIRTH_NAMES = (
    "n[ée]{2,3}|geborene[rn]?|z\\sd\\.|z\\sdomu|maiden\\sname|birth\\sname|m[äa]e?dchenname|geburtsname|"
    "nom\\sde\\sjeune\\sfille|"
    "nom\\sde\\snaissance|de\\ssoltera|da\\snubile|de\\ssolteira|meisjesnaam|pikenavn|pigenavn|o\\.\\s?s\\.|roz(?:en[áa]|\\.)|"
    "sz[üu]l(?:etett|\\.)|le[áa]nykori\\sn[ée]v|k[ıi]zl[ıi]k\\ssoyad[ıi]|ur\\.|урожд(?:[её]нная|\\.)|ro[đd](?:ena|"
    "\\.)|n[ăa]scut[ăa]|"
    "rodn[ée]|το\\sγένος"
)
_BIRTHS = "born|geb\\.?|geboren|n[ée]e?|nat[ao]|nacid[ao]|nascid[ao]|f[øöo]dt?|f\\.\\s?d\\.|dite?"
_OTHER_NAMES = "formerly|fka|alias|aka|also\\sknown\\sas|previously\\sknown\\sas|fr[üu]her|ehem\\.|verw\\.|verh\\."
_PARTICLES = r"(?:(?:von|van|der|den|de|del|della|di|af|zu|la|le)\s){0,2}"
BORN_AS = re.compile(
    rf"(?<![\w.])(?:(?P<sure>{_BIRTH_NAMES})|(?P<known>{_OTHER_NAMES})|(?:{_BIRTHS}))(?:\s?:)?\s{{1,2}}"
    rf"{_PARTICLES}(?P<it>{_WORD})(?!\w|\.\w)",
    re.IGNORECASE,
)
_AFTER_BIRTH = (
    "at on in to by with via from as and or of the a an is was are per am im um mit durch bei als vor nach zu aus "
    "und le la en el "
    "au par il lo a da em no na nel al om i p den ve early late alive dead healthy premature prematurely preterm "
    "term twin twins "
    "dead deceased "
    "out full here again first second third still today before after during blind deaf prior known abroad elsewhere overseas "
    "viva vivo vivant vivante gesund tot sano sana"
)
AFTER_BIRTH = frozenset(_AFTER_BIRTH.split())
"""How a sentence about a birth goes on where no name follows."""
SURNAMES = frozenset({"bear", "bloom", "cloud", "lake"})
"""Words of the clinical list that people are called, which the list of names lacks."""

_LIVES = (
    "lives\\s(?:in|at|near)|living\\s(?:in|at)|resid(?:es|ing)\\s(?:in|at)|resident\\s(?:of|in)|moved\\sto|home\\sin|"
    "wohnt\\s(?:in|am|im)|wohnhaft\\s(?:in|am|im)?|lebt\\sin|wohnort|habite\\s(?:à|a|au)|demeurant\\s(?:à|au)?|"
    "domicili[ée]e?\\s(?:à|a)|vive\\s(?:en|a)|reside(?:nte)?\\s(?:en|a|em|in)|abita\\s(?:a|in)|mora\\sem|woont\\s(?:in|te)|"
    "woonachtig\\ste|bosatt\\si|bor\\s(?:i|p[åa])|mieszka\\sw|zamieszka[łl][aey]\\sw|zam\\."
)
_CAPITALISED = r"[A-ZÀ-Þ][\w'’-]*"
LIVES = re.compile(
    rf"(?<!\w)(?i:{_LIVES})\s?:?\s?(?P<it>(?:\d{{1,5}}[a-z]?\s)?(?:(?i:st|san|bad|la|el|le)\.?\s)?"
    rf"(?:{_CAPITALISED}(?:[ ,]{{1,2}}(?:{_CAPITALISED}|\d{{1,5}}[a-z]?\b"
    rf"|(?:am|an der|upon|on|sur|de|of)\s{_CAPITALISED})){{0,4}}|{_WORD}))"
)
_HOMES = (
    "a an the his her their own with alone at home nursing care assisted residential group shelter sheltered independent "
    "independently family apartment flat house rural urban remote and hospice facility institution same"
)
HOMES = frozenset(_HOMES.split())
_TOWNS = (
    "reading bath nice split essen halle singen mobile orange deal rugby hove ware cork bury wells battle sale "
    "barking worms hof bergen lund eye diss looe rye sandwich stone street crook march chester corner speed bend "
    "buffalo phoenix enterprise normal tours angers lens sete bari bra como lodi fermo olive plant rolle baden brake "
    "burg fell kiel lage melle plane sinn stade unna"
)
TOWNS = frozenset(_TOWNS.split())
"""Towns that are called like everyday words."""
TOWN = re.compile(
    rf"(?<=[A-Za-zß-ÿ,] )(?:in|from|near|at|aus|nach|bei|to|à|en|de|a|w|i|te|,) "
    rf"(?P<it>(?:{'|'.join(sorted(town.title() for town in TOWNS))}))(?![\w-])"
)
"""One of them with a capital inside a sentence, where a preposition stands before it."""
ADDRESS = re.compile(
    r"(?<!\w)(?i:address|addr\.?|adresse|anschrift|wohnhaft|indirizzo|direcci[óo]n|domicilio|domicile|endere[çc]o|"
    r"adres|adress|osoite|"
    r"street|stra(?:ß|ss)e|city|town|home\s?town|wohnort|ville|ciudad|citt[àa]|cidade|stad|miasto|village|county)\s?:\s?"
    r"(?P<it>[^\W_][^;\n\[\]]{0,80}?)(?=\.\s|\.?\s*$|[;\n\[])",
    re.MULTILINE,
)
ORIGIN = re.compile(
    rf"(?<!\w)(?i:home|origin|birth\s?place|geburtsort|herkunft|heimat|"
    rf"lieu\sde\snaissance)\s?:\s?(?P<it>{_CAPITALISED})"
)
HOST = re.compile(
    r"(?<!\w)(?i:host|hostname|host\sname|server|fileserver|rechner|rechnername|workstation|computer|node|pc|ae|aet|"
    r"ae\s?title|printer|film\sdestination)\s?[:=]\s?"
    r"(?P<it>[\w-]+(?:\.[\w-]+)*)"
)
SERVER = re.compile(rf"(?<!\w)(?i:server|fileserver|hostname|rechner)\s(?P<it>{_LETTER}[\w-]{{2,}})(?={_END})")
_SERVED = (
    "room down error errors time timeout upgrade update migration storage side restart failure crash problem problems "
    "connection unavailable outage busy full offline online restarted rebooted raum ausfall defekt aus neu"
)
SERVED = frozenset(_SERVED.split())
"""What is said of a server, rather than its name."""
MACHINE = re.compile(
    r"(?<![\w-])(?:(?i:wks?|ws|srv|desktop|laptop|notebook|rechner|client|terminal|workstation)|(?P<weak>PC|NB))[-_](?P<it>[A-Za-z]\w{2,})"
    r"(?![\w-])"
)
"""A machine called by what it is and whose or where it is."""
TITLE = re.compile(r"(?<!\w)AE(?:T|[ -]?[Tt]itle)?\s(?P<it>(?=[A-Z_]*[\d_])[A-Z][A-Z\d_-]{2,15})(?!\w)")
"""A title of an application entity, which in capitals is no word of a sentence."""
SECRET = re.compile(r"(?<!\w)(?i:password|passwort|pwd|passwd|mot de passe|contrase[ñn]a)\s?[:=]?\s(?P<it>[^\s\[\]]{3,})")
USER = re.compile(r"(?<!\w)(?i:user(?:name|id)?|login|log-?on|kennung|benutzer)\s(?P<it>[\w@-]{2,}(?:\.[\w@-]+)*)")


def find_announced(text: str) -> Iterator[Span]:
    """Initials, names, places and hosts that the words before them announce."""
    for match in SIGNATURE.finditer(text):
        yield from _signature(match)
    yield from (Span(*match.span("it"), "name") for match in _REFERENCE.finditer(text) if _are_writers(match["it"]))
    yield from (Span(*match.span(match.lastgroup or 0), "name") for match in _RANKED.finditer(text) if _is_signature(match))
    yield from (Span(*match.span("it"), "name") for match in _BRACKETED.finditer(text) if not _is_unit(match["it"]))
    yield from (Span(*match.span("it"), "name") for match in _CLOSING.finditer(text))
    yield from (Span(*match.span("it"), "name") for match in BORN_AS.finditer(text) if _is_birth_name(match))
    yield from (Span(*match.span("it"), "place") for match in LIVES.finditer(text) if _is_home(match))
    yield from (Span(*match.span("it"), "place") for match in ADDRESS.finditer(text))
    yield from (Span(*match.span("it"), "contact") for match in HOST.finditer(text))
    yield from (Span(*match.span("it"), "place") for match in ORIGIN.finditer(text) if _is_origin(match))
    yield from (Span(*match.span("it"), "contact") for match in SERVER.finditer(text) if fold(match["it"]) not in SERVED)
    yield from (Span(*match.span("it"), "contact") for match in MACHINE.finditer(text) if _is_machine(match))
    yield from (Span(*match.span("it"), "device") for match in TITLE.finditer(text))
    yield from (Span(*match.span("it"), "contact") for match in SECRET.finditer(text))
    yield from (Span(*match.span("it"), "place") for match in TOWN.finditer(text) if passage_of(text).cased)
    yield from (Span(*match.span("it"), "contact") for match in USER.finditer(text) if _is_user(match))


def _signature(match: re.Match[str]) -> Iterator[Span]:
    """Initials, or a word that people are called and that is no clinical one."""
    told = bool(match["gap"].strip()) or re.search(_BY + r"\s$", match.string[match.start() : match.end("gap")], re.IGNORECASE)
    if match["it"]:
        words = [fold(word) for word in re.findall(rf"{_LETTER}+", match["it"])]
        if set(words) & PLAIN or (
            len(words) == 1 and len(words[0]) > SHORT and words[0] in english() and not match["it"].isupper()
        ):
            return
        alone = ENDS.match(match.string, match.end("it")) is not None and max(map(len, words)) <= SHORT
        if told or alone or match["it"].isupper() or not any(word in clinical() or word in english() for word in words):
            yield Span(*match.span("it"), "name")
    elif match["next"] and told:
        word = fold(match["next"])
        if word in names() and word not in clinical() and word not in PLAIN:
            yield Span(*match.span("next"), "name")


def _are_writers(text: str) -> bool:
    words = [token.text for token in tokens_of(text)]
    return not set(words) & PLAIN and not all(word in clinical() and len(word) > SHORT for word in words)


def _is_signature(match: re.Match[str]) -> bool:
    initials = fold(match["ranked"] or match["surgeon"])
    return initials not in PLAIN and (match["ranked"] is None or initials not in clinical())


def _is_unit(text: str) -> bool:
    return any(part in PLAIN or part in clinical() or part.upper() in UNITS for part in text.split("/"))


def _is_origin(match: re.Match[str]) -> bool:
    word = fold(match["it"])
    return word in TOWNS or word in names() or (word not in clinical() and word not in english())


def _is_machine(match: re.Match[str]) -> bool:
    return match["weak"] is None or (fold(match["it"]) in names() and match["it"].lower() not in clinical())


def _is_birth_name(match: re.Match[str]) -> bool:
    word, raw = fold(match["it"]), match["it"]
    finding = word in clinical() and word not in names() and word not in SURNAMES and raw.islower()
    if word in AFTER_BIRTH or (finding and not match["sure"]):
        return False
    if match["sure"] or (raw[0].isupper() and (not raw.isupper() or passage_of(match.string).cased)):
        return True
    if not match["known"] and ENDS.match(match.string, match.end()):
        return True
    return word in names() and word not in clinical()


def _is_home(match: re.Match[str]) -> bool:
    first = fold(re.split(r"[ ,.'’-]", match["it"])[0])
    if match["it"][0].islower():
        return first in TOWNS or (first not in HOMES and first in names() and first not in clinical())
    return first not in HOMES


def _is_user(match: re.Match[str]) -> bool:
    tokens = tokens_of(match["it"])
    alone = ENDS.match(match.string, match.end()) is not None
    if not alone and any(token.text in clinical() for token in tokens):
        return False
    return any(token.text in names() or token.text in SURNAMES or any(c.isdigit() for c in token.text) for token in tokens)
