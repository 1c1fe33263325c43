"""What is left of a text when everything known is taken out: which words are harmless, and which nobody can vouch for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deidkit.identity.folding import CJK, fold
from deidkit_ps315.text.tokens import Passage, Span, Token
from deidkit_ps315.text.vocabulary import clinical, english, eponyms, names

SHORT = 3
LONGEST_CODE = 6
CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
MIXED = re.compile(r"(\d*)([^\W\d_]+)(\d*)([^\W\d_]*)(\d*)")
SIZES = re.compile(r"\d{1,4}(?:x\d{1,4}){1,3}(?:mm|cm)?")
FOREIGN = re.compile(r"[\u0370-\u1dff]")
SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .]){4,}[^\W\d_](?![^\W_])")
DECIMAL = re.compile(
    r"(?<![^\W_])(?<![.,])(?:0|[1-9]\d{0,4})[.,](?:\d{1,6}|\d0{6,})(?:mm|cm|ms|s|t|hz|kv|ma|ml)?(?![^\W_]|[.,]\d)",
    re.IGNORECASE,
)
"""A number with its fraction, as programs write it (3.000000); no area code, which begins with 0."""
COLOUR = re.compile(r"(?<![\w#])#(?:[\da-f]{6}|[\da-f]{8})(?![\w-])", re.IGNORECASE)
ROUND_COLOUR = re.compile(r"#(?:[02468]0|33|66|99){3,4}")
"""A colour that is written in digits alone; other rows of digits may be somebody's number."""
ACRONYM, LONGEST_ACRONYM, FEWEST_WORDS = 4, 8, 3
SUFFIXES = (
    "s",
    "es",
    "ed",
    "ing",
    "ly",
    "ic",
    "al",
    "ally",
    "like",
    "er",
    "ers",
    "ity",
    "ous",
    "ive",
    "able",
    "ness",
    "ation",
    "y",
)
RELATED = (
    ("otic", ("osis",)),
    ("itic", ("itis",)),
    ("etic", ("esis",)),
    ("atous", ("a", "as")),
    ("ary", ("a", "us", "um", "")),
    ("ar", ("us", "a", "um", "ulus", "ula", "e")),
    ("ium", ("ial", "ia", "iac")),
    ("ial", ("ium", "ia", "y")),
    ("eal", ("ea", "eum", "us", "y")),
    ("ean", ("ea", "eum")),
    ("aries", ("ary", "a")),
    ("ses", ("sis",)),
    ("ata", ("a",)),
    ("ae", ("a",)),
    ("i", ("us", "o")),
    ("a", ("um", "on")),
    ("ies", ("y",)),
    ("ation", ("ate", "ated")),
    ("ations", ("ate", "ation")),
    ("ising", ("ize", "izing")),
    ("ised", ("ize", "ized")),
    ("isation", ("ization", "ize")),
    ("graphic", ("graphy", "gram")),
)
"""Endings, and those that the same stem has in the lists."""
_COGNATES = (
    "aire:ar aires:ar aire:ary ale:al ali:al ales:al aux:al are:ar ari:ar ares:ar grafia:graphy grafias:graphy grafie:graphy "
    "graphie:graphy graphies:graphy skopie:scopy scopie:scopy scopia:scopy ektomie:ectomy ectomie:ectomy "
    "ectomia:ectomy tomie:tomy tomia:tomy plastik:plasty plastie:plasty plastia:plasty pathie:pathy patia:pathy megalie:megaly "
    "cion:tion ciones:tion zione:tion zioni:tion cao:tion coes:tion tie:tion eme:ema emes:ema om:oma ome:oma omes:oma omi:oma "
    "idienne:id idiennes:id idien:id idiens:id "
    "ienne:ian iennes:ian ien:ian iens:ian ite:itis iti:itis itis:itis ose:osis oses:osis osi:osis osen:osis ese:esis "
    "ie:y ia:y ique:ic iques:ic "
    "ico:ic ica:ic icos:ic "
    "icas:ic ici:ic iche:ic isch:ic ische:ic ischen:ic oso:ous osa:ous osi:ous ose:ous osas:ous osos:ous os: as: es: en: er: "
    "e: o: a: i: um: us:"
)
COGNATES = tuple(tuple(pair.split(":")) for pair in _COGNATES.split())
"""Endings of German and the Romance languages, and the English ones of the same clinical stem."""
AFFIXES = (
    "post pre peri para sub supra infra intra inter extra trans endo epi hypo hyper iso non re un de micro macro multi poly "
    "mono bi tri antero postero dorso ventro medio latero cervico thoraco lumbo costo cranio fronto temporo parieto "
    "occipito cardio pulmo pneumo hepato spleno nephro uretero cysto gastro entero colo recto ileo jejuno duodeno "
    "cholecysto cholangio pancreato aorto arterio veno broncho tracheo laryngo pharyngo neuro myelo encephalo osteo chondro "
    "arthro myo teno fibro lipo angio lympho hemo haemo thrombo athero electro echo radio tomo sono mammo hystero salpingo "
    "oophoro orchi prostato vesico utero vagino ventriculo atrio hydro pyo hemato haemato hemi spondylo meningo dermo adeno "
    "mid fore hind meta carpo metacarpo tarso metatarso phalango sialo litho dacryo blepharo chole choledocho "
    "cheilo glosso gingivo "
    "stomato onycho pachy brachy steno tachy brady pan poly oligo osseo musculo tibio fibulo femoro patello humero radio ulno "
    "scapho luno talo calcaneo naviculo acromio sterno claviculo scapulo gleno acetabulo sacro ilio ischio pubo coccyg tempor "
    "carcino oto rhino ophthalmo kerato retino uro phlebo sarco cholecyst hepat nephr pyel cyst arthr chondr neur mening "
    "encephal"
)
PREFIXES = tuple(AFFIXES.split())
STEMS = (
    "iasis phalangeal carpal tarsal lobular nodal ventricular articular vascular lumbar cranial iliac "
    "itis osis oses oma omas omata emia aemia uria pathy pathies ectomy ectomies otomy otomies ostomy plasty plasties scopy "
    "scopies graphy graphies gram grams algia algias megaly lysis lytic stasis stases trophy trophic plasia plastic genic "
    "genesis ectasis ectasia penia rrhage rrhagic rrhea rrhoea sclerosis stenosis therapy therapies metry metric oid oidal "
    "oscopic ographic ography ocele cele cyte cytes cytic blastoma carcinoma adenoma sarcoma mab nib cillin mycin azole "
    "pril sartan statin platin taxel parin olol dipine caine floxacin cycline lukast gliptin gliflozin prazole setron "
    "triptan azepam azolam barbital profen coxib dronate zolomide ciclib rubicin bicin mustine tinib zumab ximab"
)
ENDINGS = tuple(STEMS.split())


def find_doubts(passage: Passage) -> Iterator[Span]:
    """Tokens that are neither words of any list nor codes too short to point at anybody."""
    plain = find_plain(passage.text)
    for number, token in enumerate(passage.tokens):
        if any(start <= token.start and token.end <= end for start, end in plain):
            continue
        if not harmless(token) and not _is_abbreviation(passage, token) and not _is_acronym(passage, number):
            yield Span(token.start, token.end, "id" if token.raw.isdigit() else "doubt")
        elif passage.cased and _stands_out(passage, number):
            yield Span(token.start, token.end, "doubt")
    for match in SPELLED.finditer(passage.text):
        if not is_word(fold("".join(c for c in match[0] if c.isalpha()))):
            yield Span(match.start(), match.end(), "doubt")


def find_plain(text: str) -> list[tuple[int, int]]:
    """Decimal numbers and colours, which say nothing about anybody however long they are."""
    return [match.span() for match in DECIMAL.finditer(text)] + [m.span() for m in COLOUR.finditer(text) if is_colour(m[0])]


def is_colour(text: str) -> bool:
    """Whether ``#`` and hexadecimal digits are a colour rather than a number."""
    return COLOUR.fullmatch(text) is not None and (not text[1:].isdigit() or ROUND_COLOUR.fullmatch(text) is not None)


def _is_acronym(passage: Passage, number: int) -> bool:
    """Capitals in parentheses: up to four that are no name, or more with the first letters of the three words before."""
    token = passage.tokens[number]
    if not (
        token.raw.isupper()
        and token.raw.isalpha()
        and token.gap.endswith("(")
        and passage.text[token.end : token.end + 1] == ")"
    ):
        return False
    if token.text in names():
        return False
    before = [one.text[0] for one in passage.tokens[max(0, number - LONGEST_ACRONYM) : number]]
    spelled = iter(token.text)
    return len(token.raw) <= ACRONYM or (
        len(before) >= FEWEST_WORDS and all(letter in spelled for letter in before[-FEWEST_WORDS:])
    )


def _is_abbreviation(passage: Passage, token: Token) -> bool:
    """Up to four capitals in a text that has small letters too."""
    return (
        passage.cased and token.raw.isupper() and token.raw.isalpha() and len(token.raw) <= SHORT + (token.text not in names())
    )


def _stands_out(passage: Passage, number: int) -> bool:
    """A common word that is also a name, with a capital in the middle of a cased sentence."""
    token = passage.tokens[number]
    if token.text not in names() or token.text in clinical() or token.text not in english():
        return False
    return token.capital and not token.raw.isupper() and not passage.opens_sentence(number)


def harmless(token: Token) -> bool:
    """Whether one token can stay."""
    word = token.text
    if word.isdigit():
        return len(word) <= SHORT + 2
    if CJK.search(word):
        return _segmented(word)
    if any(c.isdigit() for c in word):
        return _is_code(token)
    if len(word) == SHORT and FOREIGN.search(word):
        return is_word(word) or token.raw.isupper()
    if len(word) <= SHORT:
        return len(word) < SHORT or word not in names() or word in clinical() or word in english()
    return is_word(word) or _glued(token.raw)


def _glued(raw: str) -> bool:
    """Words written together with capitals in between, as in ``ShoulderLeft``."""
    parts = CAMEL.findall(raw)
    return len(parts) > 1 and "".join(parts) == raw and all(len(part) < SHORT or is_word(fold(part)) for part in parts)


def is_word(word: str) -> bool:
    """Whether a folded word is in the lists, as it is, without an ending, or put together from parts that are medical Greek."""
    if word in clinical() or word in english() or word in eponyms():
        return True
    if word in names():
        return False
    for suffix in SUFFIXES:
        stem = word.removesuffix(suffix)
        if stem != word and len(stem) > SHORT and (_listed(stem) or _listed(stem + "e") or _listed(stem + "is")):
            return True
    return _related(word) or _compound(word)


def _listed(word: str) -> bool:
    return word in clinical() or word in english()


def _related(word: str) -> bool:
    """Whether a listed word has the same stem with another Greek or Latin ending, or the other spelling of English."""
    for end, others in RELATED:
        if word.endswith(end) and len(word) - len(end) > SHORT and any(_listed(word.removesuffix(end) + o) for o in others):
            return True
    for end, other in COGNATES:
        stem = word.removesuffix(end)
        if stem != word and len(stem) > SHORT + (len(end) < SHORT) and stem + other in clinical():
            return True
    american = word.replace("aem", "em").replace("oed", "ed").replace("oes", "es").replace("aed", "ed").replace("aec", "ec")
    return american != word and _listed(american)


def _compound(word: str) -> bool:
    for prefix in PREFIXES:
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > SHORT and (_listed(rest) or rest.endswith(ENDINGS) or rest.startswith(PREFIXES)):
            return True
    return len(word) > LONGEST_CODE and word.endswith(ENDINGS)


def _is_code(token: Token) -> bool:
    """Names of sequences and kernels, levels, sizes, such as ``T2w``, ``fl3d1``, ``B31f``, ``L5``, ``120kV``; no numbers."""
    match = MIXED.fullmatch(token.text)
    if SIZES.fullmatch(token.text):
        return True
    if sum(c.isdigit() for c in token.text) >= LONGEST_CODE:
        return False
    if match is None:
        return len(token.text) <= LONGEST_CODE + 2
    letters = [part for part in (match[2], match[4]) if part]
    if all(len(part) <= SHORT or is_word(part) for part in letters):
        return len(token.text) <= LONGEST_CODE or any(len(part) > SHORT for part in letters) or len(match[1]) <= SHORT + 1
    return False


def _segmented(word: str) -> bool:
    """Whether a run of ideographs is made of listed words, the longest first."""
    at = 0
    while at < len(word):
        size = next((n for n in range(min(6, len(word) - at), 0, -1) if word[at : at + n] in clinical()), 0)
        if not size and CJK.match(word[at]):
            return False
        at += size or 1
    return True
