"""Small DICOM files of many kinds with a canary in each of some carriers, in pieces, so that mutations can move them about."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import carriers
from dicom_cases import CASES
from dicom_objects import COLUMNS, ROWS, Case, write
from fuzz_canaries import Canaries
from ps315_objects import minimal
from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian

from deidkit_dicom.part10 import syntaxes as s
from deidkit_ps315.standard.iod import sop_classes

PIXEL_DATA = 0x7FE00010
LONG_VRS = frozenset(("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"))
ITEM, DELIMITER = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
CODESTREAMS = {
    "jpeg": tuple(one for one in carriers.DCT if one.name not in carriers.SEQUENTIAL_ONLY),  # these frames use all steps
    "jpegls": carriers.JPEG_LS,
    "j2k": carriers.J2K,
    "rle": carriers.RLE,
}
SHORTEST_ROOM = 12
EDITED = "2"
"""Instance Number of files in which the catalogue of the benchmark redacts a box."""


@dataclass
class Pieces:
    """One DICOM file: ``units`` are its top-level elements, encoded; ``fragments`` those of encapsulated pixel data."""

    meta: FileMetaDataset
    units: list[bytes]
    implicit: bool
    little: bool
    preamble: bytes = bytes(128)
    table: bytes = b""
    fragments: list[bytes] | None = None
    behind: bytes = b""
    tail: bytes = b""
    deflated: bool = False
    deflate_tail: bytes = b""
    between: bytes = b""
    lie: str = ""
    known: list[str] = field(default_factory=list)
    """Canaries that are names of the patient."""

    changed: list[str] = field(default_factory=list)

    def data(self) -> bytes:
        meta = DicomBytesIO()
        if self.lie:
            self.meta.TransferSyntaxUID = UID(self.lie)
        write_file_meta_info(meta, self.meta, enforce_standard=True)
        body = b"".join(self.units) + self._encapsulated() + self.tail
        if self.deflated:
            engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = engine.compress(body) + engine.flush() + self.deflate_tail
            body += b"\0" * (len(body) % 2)
        return self.preamble + b"DICM" + meta.getvalue() + body

    def _encapsulated(self) -> bytes:
        if self.fragments is None:
            return b""
        head = struct.pack("<HH2sHL", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
        items = [ITEM + struct.pack("<L", len(part)) + part for part in (self.table, *self.fragments)]
        return head + self.between.join(items) + DELIMITER + struct.pack("<L", len(self.behind)) + self.behind


def element(tag: int, vr: str, value: bytes, pieces: Pieces) -> bytes:
    """One element as bytes, whatever its value; short forms where the value is short enough for them."""
    order = "<" if pieces.little else ">"
    value += b"\0" * (len(value) % 2)
    head = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
    if pieces.implicit:
        return head + struct.pack(order + "L", len(value)) + value
    if vr in LONG_VRS:
        return head + vr.encode() + b"\0\0" + struct.pack(order + "L", len(value)) + value
    return head + vr.encode() + struct.pack(order + "H", len(value)) + value


def units_of(data: bytes, *, implicit: bool, little: bool) -> list[bytes]:
    """Top-level elements, the last of which may be all that cannot be told apart."""
    order, position, found = "<" if little else ">", 0, []
    while position + 8 <= len(data):
        vr = data[position + 4 : position + 6].decode("latin-1")
        if implicit:
            head, length = 8, struct.unpack_from(order + "L", data, position + 4)[0]
        elif vr in LONG_VRS:
            head, length = 12, struct.unpack_from(order + "L", data, position + 8)[0]
        else:
            head, length = 8, struct.unpack_from(order + "H", data, position + 6)[0]
        end = position + head + length
        if length == 0xFFFFFFFF or end > len(data):
            break
        found.append(data[position:end])
        position = end
    return [*found, data[position:]] if position < len(data) else found


def tag_of(unit: bytes, *, little: bool) -> int:
    group, number = struct.unpack(("<" if little else ">") + "HH", unit[:4].ljust(4, b"\0"))
    return int(group << 16 | number)


def insert(pieces: Pieces, unit: bytes) -> None:
    """Puts an element where its tag belongs."""
    tag = tag_of(unit, little=pieces.little)
    places = [i for i, one in enumerate(pieces.units) if tag_of(one, little=pieces.little) > tag]
    pieces.units.insert(places[0] if places else len(pieces.units), unit)


def said(rng: Random, word: str) -> str:
    """A text that holds the canary in one of several ways."""
    coded = base64.b64encode(f"Patient {word}".encode()).decode()
    ways = (word, f"Seen by {word}", f"{word}^Anna", f"Mrs {word}, see letter", f"kept as {coded}", word.lower(), f"x{word}9")
    return rng.choice(ways)


def raw_bytes(rng: Random, word: str) -> bytes:
    return rng.choice(
        (word.encode(), b"\0\1\2" + word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), said(rng, word).encode())
    )


Plant = Callable[[Dataset, Random, str], None]


def _text(keyword: str, most: int = 64) -> Plant:
    return lambda ds, rng, word: setattr(ds, keyword, said(rng, word)[:most] if most > 16 else word)


def _raw(tag: int, vr: str) -> Plant:
    def plant(ds: Dataset, rng: Random, word: str) -> None:
        value = raw_bytes(rng, word)
        ds.add(DataElement(tag, vr, value + b"\0" * (len(value) % 2)))

    return plant


def _nested(*keywords: str, leaf: str = "ImageComments") -> Plant:
    """The text below these sequences, one in the other."""

    def plant(ds: Dataset, rng: Random, word: str) -> None:
        inner = Dataset()
        setattr(inner, leaf, said(rng, word) if leaf != "PatientName" else f"{word}^Anna")
        for keyword in reversed(keywords[1:]):
            outer = Dataset()
            setattr(outer, keyword, Sequence([inner]))
            inner = outer
        setattr(ds, keywords[0], Sequence([inner]))

    return plant


def _private(group: int, vr: str) -> Plant:
    def plant(ds: Dataset, rng: Random, word: str) -> None:
        block = ds.private_block(group, "FUZZ 1", create=True)
        if vr == "SQ":
            item = Dataset()
            item.PatientName = f"{word}^Anna"
            block.add_new(1, "SQ", [item])
        else:
            block.add_new(2, vr, raw_bytes(rng, word) if vr in ("UN", "OB") else said(rng, word))

    return plant


def _creator(ds: Dataset, rng: Random, word: str) -> None:
    ds.private_block(0x0033, word, create=True).add_new(1, "LO", "x")


def prose(rng: Random, word: str) -> bytes:
    """A text that is long enough to be told from numbers, of a length that is a multiple of eight."""
    text = rng.choice((f"Seen with {word} on ward seven, ", f"{word}^Wilma^^Dr, Kestrelford, ")).encode()
    return text.ljust(len(text) + -len(text) % 8)


def _prose(tag: int, vr: str) -> Plant:
    return lambda ds, rng, word: ds.add(DataElement(tag, vr, prose(rng, word)))


def _safe_private(ds: Dataset, rng: Random, word: str) -> None:
    ds.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "LO", word)


def _overlay(ds: Dataset, rng: Random, word: str) -> None:
    for tag, vr, value in (
        (0x60000010, "US", ROWS),
        (0x60000011, "US", COLUMNS),
        (0x60000040, "CS", "G"),
        (0x60000050, "SS", [1, 1]),
        (0x60000100, "US", 1),
        (0x60000102, "US", 0),
        (0x60003000, "OW", word.encode().ljust(ROWS * COLUMNS // 8, b"\0")),
        (0x60004000, "LT", f"drawn by {word}"),
        (0x60000022, "LO", word),
    ):
        ds.add_new(tag, vr, value)


def _curve(ds: Dataset, rng: Random, word: str) -> None:
    ds.add_new(0x50000005, "US", 2)
    ds.add_new(0x50003000, "OW", word.encode() + b"\0" * (len(word) % 2))
    ds.add_new(0x50000022, "LO", word)


def _icon(ds: Dataset, rng: Random, word: str) -> None:
    item = Dataset()
    item.Rows, item.Columns, item.SamplesPerPixel, item.PhotometricInterpretation = 4, 4, 1, "MONOCHROME2"
    item.BitsAllocated, item.BitsStored, item.HighBit, item.PixelRepresentation = 8, 8, 7, 0
    item.PixelData = word.encode().ljust(16, b"\0")
    item["PixelData"].VR = "OB"
    ds.IconImageSequence = Sequence([item])


def _profile(ds: Dataset, rng: Random, word: str) -> None:
    from deidkit_ps315.standard.colour_profiles import profile

    made = profile("SRGB")
    at = made.index(b"desc", 140) + 12
    ds.ICCProfile = made[:at] + word.encode() + made[at + len(word) :]


def _palette(ds: Dataset, rng: Random, word: str) -> None:
    keyword = f"{rng.choice(('Red', 'Green', 'Blue'))}PaletteColorLookupTableData"
    if keyword in ds:
        data, text = ds[keyword].value, prose(rng, word)
        setattr(ds, keyword, data[: -len(text) - 2] + text + data[-2:])


def _content(ds: Dataset, rng: Random, word: str) -> None:
    item, concept = Dataset(), Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator, concept.CodeMeaning = "121071", "DCM", "Finding"
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", said(rng, word)
    item.ConceptNameCodeSequence = Sequence([concept])
    ds.ContentSequence = Sequence([item])


def _uid(keyword: str) -> Plant:
    return lambda ds, rng, word: setattr(ds, keyword, word)


def _references(ds: Dataset, rng: Random, word: str) -> None:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", word
    ds.SourceImageSequence = Sequence([item])


REMOVED: dict[str, Plant] = {
    "Patient's Name": lambda ds, rng, word: setattr(ds, "PatientName", f"{word}^Anna"),
    "Patient ID": _text("PatientID", 16),
    "name, ideographic group": lambda ds, rng, word: setattr(ds, "ReferringPhysicianName", f"A^B={word}^C"),
    "SH": _text("AccessionNumber", 16),
    "LO": _text("InstitutionName"),
    "LO, descriptor": _text("StudyDescription"),
    "LO, protocol": _text("ProtocolName"),
    "LT": _text("ImageComments", 500),
    "ST": _text("InstitutionAddress", 500),
    "AE": _text("StationAETitle", 16),
    "UR": lambda ds, rng, word: setattr(ds, "RetrieveURL", f"https://pacs/{word}"),
    "item, depth 1": _nested("RequestAttributesSequence", leaf="ScheduledProcedureStepDescription"),
    "item, depth 3": _nested("PerformedProtocolCodeSequence", "ProtocolContextSequence", "ContentItemModifierSequence"),
    "name in an item": _nested("ReferencedStudySequence", "ReferencedSeriesSequence", leaf="PatientName"),
    "content item": _content,
    "private LO": _private(0x0029, "LO"),
    "private UN": _private(0x0019, "UN"),
    "private OB": _private(0x0021, "OB"),
    "private SQ": _private(0x0045, "SQ"),
    "private creator": _creator,
    "private without creator": _raw(0x00271005, "UN"),
    "UN of an unknown tag": _raw(0x0018FFF0, "UN"),
    "OB, prose": _prose(0x00143080, "OB"),
    "OW, prose": _prose(0x00283006, "OW"),
    "encrypted attributes": _nested("EncryptedAttributesSequence", leaf="ImageComments"),
    "digital signature": _nested("DigitalSignaturesSequence", leaf="ImageComments"),
    "trailing padding": _raw(0xFFFCFFFC, "OB"),
    "overlay": _overlay,
    "curve": _curve,
    "icon": _icon,
    "colour profile": _profile,
    "palette entries": _palette,
}
"""What goes whoever it names."""

KNOWN: dict[str, Plant] = {
    "UT": _text("LabelText", 500),
    "UC": _text("LongCodeValue", 500),
    "CS": _text("BodyPartExamined", 16),
    "Modality": _text("Modality", 16),
    "text that no table lists": _text("FilterMaterial", 16),
    "device text": _text("ConvolutionKernel", 16),
    "model name": _text("ManufacturerModelName"),
    "retired text": _raw(0x40004000, "LT"),
    "item, depth 8": _nested(*["ContentSequence"] * 8, leaf="TextValue"),
    "safe private": _safe_private,
    "OB": _raw(0x00143080, "OB"),
    "OW": _raw(0x00283006, "OW"),
    "LUT explanation": _nested("VOILUTSequence", leaf="LUTExplanation"),
    "code meaning": _nested("ViewCodeSequence", leaf="CodeMeaning"),
}
"""Text that PS3.15 lets stay: it goes where it names the patient. Each word is one of Other Patient Names."""

UIDS: dict[str, Plant] = {
    "SOP Instance UID": _uid("SOPInstanceUID"),
    "Series Instance UID": _uid("SeriesInstanceUID"),
    "Frame of Reference UID": _uid("FrameOfReferenceUID"),
    "creator UID": _uid("InstanceCreatorUID"),
    "referenced UID": _references,
}


PlantFile = Callable[[Pieces, Random, str], None]


def _unit(tag: int, vr: str, value: Callable[[Random, str], bytes] = raw_bytes) -> PlantFile:
    return lambda p, rng, word: insert(p, element(tag, vr, value(rng, word), p))


def _swapped_length(p: Pieces, rng: Random, word: str) -> None:
    p.behind = word.encode() + b"\0" * (len(word) % 2)


def _private_information(p: Pieces, rng: Random, word: str) -> None:
    p.meta.PrivateInformationCreatorUID, p.meta.PrivateInformation = UID("1.2.3"), word.encode() + b"\0" * (len(word) % 2)


def _table(p: Pieces, rng: Random, word: str) -> None:
    p.table = word.encode().ljust(-len(word) % 4 + len(word), b"\0")


def _fragment(p: Pieces, rng: Random, word: str) -> None:
    assert p.fragments is not None
    p.fragments.insert(rng.randrange(len(p.fragments) + 1), word.encode() + b"\0" * (len(word) % 2))


def _fragment_end(p: Pieces, rng: Random, word: str) -> None:
    assert p.fragments is not None
    place = rng.randrange(len(p.fragments))
    padded = p.fragments[place] + bytes(rng.randrange(3) * 2) + word.encode()
    p.fragments[place] = padded + b"\0" * (len(padded) % 2)


def _native_excess(p: Pieces, rng: Random, word: str) -> None:
    for place, unit in enumerate(p.units):
        if tag_of(unit, little=p.little) == PIXEL_DATA:
            head = 8 if p.implicit else 12
            vr = unit[4:6].decode() if not p.implicit else "OW"
            p.units[place] = element(PIXEL_DATA, vr, unit[head:] + word.encode(), p)


def _unused_bits(p: Pieces, rng: Random, word: str) -> None:
    """The canary in the highest four bits of words of twelve bits, in the lower half of a frame, where nothing is redacted."""
    for place, unit in enumerate(p.units):
        if tag_of(unit, little=p.little) == PIXEL_DATA:
            head = 8 if p.implicit else 12
            data = bytearray(unit)
            start = head + 2 * rng.randrange(ROWS // 2 * COLUMNS, ROWS * COLUMNS - 2 * len(word))
            for index, nibble in enumerate(half for byte in word.encode() for half in (byte >> 4, byte & 15)):
                at = start + 2 * index + (1 if p.little else 0)
                data[at] = data[at] & 15 | nibble << 4
            p.units[place] = bytes(data)


FILES: dict[str, PlantFile] = {
    "preamble": lambda p, rng, word: setattr(p, "preamble", word.encode().ljust(128, b"\0")),
    "meta AE": lambda p, rng, word: setattr(p.meta, "SourceApplicationEntityTitle", word),
    "meta version name": lambda p, rng, word: setattr(p.meta, "ImplementationVersionName", word),
    "meta private information": _private_information,
    "behind the data set": lambda p, rng, word: setattr(p, "tail", p.tail + raw_bytes(rng, word)),
    "behind zeros": lambda p, rng, word: setattr(p, "tail", bytes(16) + word.encode()),
    "private behind the pixels": lambda p, rng, word: setattr(p, "tail", element(0x7FE11001, "LO", word.encode(), p)),
    "US too long": _unit(0x00280106, "US"),
    "FL": _unit(0x00186060, "FL", prose),
    "FD": _unit(0x00189073, "FD"),
    "AT": _unit(0x00205000, "AT", prose),
    "unknown VR": _unit(0x00189073, "ZZ"),
    "IS": _unit(0x00181152, "IS"),
    "DS": _unit(0x00180050, "DS"),
    "DA": _unit(0x00080022, "DA"),
    "TM": _unit(0x00080032, "TM"),
    "AS": _unit(0x00101010, "AS"),
    "DT": _unit(0x0008002A, "DT"),
    "group length": _unit(0x00080000, "UL"),
    "command element": _unit(0x00000010, "LO"),
    "LT in place of a number": _unit(0x00280106, "LT"),
    "OB in place of a sequence": _unit(0x00081115, "OB"),
    "text as a class UID": _unit(0x00080016, "UI"),
    "character set": _unit(0x00080005, "CS"),
    "extended offset table": _unit(0x7FE00001, "OV"),
}
NATIVE: dict[str, PlantFile] = {"native excess": _native_excess}
STORED = 12
"""Bits Stored of the samples beside which words are planted."""
WORDS: dict[str, PlantFile] = {"unused bits": _unused_bits}
ENCAPSULATED: dict[str, PlantFile] = {
    "offset table": _table,
    "fragment of text": _fragment,
    "fragment padding": _fragment_end,
    "sequence delimiter": _swapped_length,
    "between items": lambda p, rng, word: setattr(p, "between", word.encode() + b"\0"),
}
DEFLATED: dict[str, PlantFile] = {
    "behind the deflated data": lambda p, rng, word: setattr(p, "deflate_tail", word.encode()),
}


class Shapes:
    """The unplanted objects: cells of the pixel matrix, and SOP classes without pixels. Each is made once."""

    def __init__(self) -> None:
        self.cases = [case for case in CASES if case.allocated <= 16 or case.syntax == s.EXPLICIT_LE]
        self.classes = [uid for uid in sop_classes() if uid != "1.2.840.10008.1.3.10"]
        self._made: dict[Case, bytes] = {}

    def image(self, case: Case) -> Dataset:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.dcm"
            if case not in self._made:
                self._made[case] = write(case, path).read_bytes()
            path.write_bytes(self._made[case])
            return dcmread(path)

    def plain(self, uid: str, rng: Random) -> Dataset:
        return minimal(uid, conditional=rng.random() < 0.5)


STOPPING = frozenset({"behind the data set", "behind zeros", "native excess", "behind the deflated data", "between items"})
"""What is always held back; drawn seldom, so that more is seen of the rest."""


def drawn(choices: Iterable[str], rng: Random, count: int) -> list[str]:
    names = [name for name in sorted(choices) if name not in STOPPING or rng.random() < 0.3]
    return rng.sample(names, min(count, len(names)))


def make(shapes: Shapes, canaries: Canaries, number: int, rng: Random, *, pixels: bool) -> Pieces:
    """File ``number``, planted and not yet mutated."""
    if pixels:
        case = rng.choice(shapes.cases)
        pieces = _image(shapes.image(case), case, canaries, number, rng)
    else:
        ds = shapes.plain(rng.choice(shapes.classes), rng)
        known = _plant_header(ds, canaries, number, rng)
        pieces = _encoded(ds, ExplicitVRLittleEndian)
        pieces.known = known
    for name in drawn(FILES, rng, rng.choice((0, 0, 1, 2))):
        FILES[name](pieces, rng, canaries.word(name, number))
    return pieces


def _plant_header(ds: Dataset, canaries: Canaries, number: int, rng: Random) -> list[str]:
    """Plants in the header; the canaries that are names of the patient."""
    ds.SOPInstanceUID, ds.StudyInstanceUID = (f"1.2.826.0.1.99.{kind}.{number}" for kind in (1, 2))
    ds.InstanceNumber = rng.choice(("1", EDITED))
    fitting = [name for name in sorted(REMOVED) if name != "palette entries" or "RedPaletteColorLookupTableData" in ds]
    for name in rng.sample(fitting, 9):
        REMOVED[name](ds, rng, canaries.word(name, number))
    known = [(name, canaries.word(name, number)) for name in rng.sample(sorted(KNOWN), 4)]
    for name, word in known:
        KNOWN[name](ds, rng, word)
    ds.OtherPatientNames = [f"{word}^Anna" for _, word in known]
    for name in rng.sample(sorted(UIDS), 2):
        UIDS[name](ds, rng, canaries.uid(name, number))
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return [word for _, word in known]


def _image(ds: Dataset, case: Case, canaries: Canaries, number: int, rng: Random) -> Pieces:
    syntax = s.SYNTAXES[case.syntax]
    data = ds.PixelData
    frames = [] if syntax.native else list(generate_frames(data, number_of_frames=case.frames))
    known = _plant_header(ds, canaries, number, rng)
    if frames:
        del ds.PixelData
    pieces = _encoded(ds, case.syntax)
    pieces.known = known
    choices: dict[str, PlantFile] = {}
    if frames:
        pieces.fragments = [frame + b"\0" * (len(frame) % 2) for frame in frames]
        if case.frames > 1:
            sizes = [8 + len(one) for one in pieces.fragments]
            pieces.table = struct.pack(f"<{case.frames}L", *(sum(sizes[:index]) for index in range(case.frames)))
        choices |= ENCAPSULATED
        family = syntax.family
        for carrier in CODESTREAMS.get(family, ()):
            if carrier.room >= SHORTEST_ROOM:
                choices[f"{family} {carrier.name}"] = _codestream(carrier)
    else:
        choices |= (
            NATIVE | (WORDS if (case.allocated, case.stored) == (16, STORED) else {}) | (DEFLATED if pieces.deflated else {})
        )
    for name in drawn(choices, rng, rng.choice((0, 1, 1))):
        choices[name](pieces, rng, canaries.word(name, number))
    return pieces


def _codestream(carrier: carriers.Carrier) -> PlantFile:
    def plant(pieces: Pieces, rng: Random, word: str) -> None:
        assert pieces.fragments is not None
        place = rng.randrange(len(pieces.fragments))
        try:
            planted = carrier.plant(pieces.fragments[place], word.encode())
        except (IndexError, ValueError, struct.error):
            return
        pieces.fragments[place] = planted + b"\0" * (len(planted) % 2)

    return plant


def _encoded(ds: Dataset, uid: str) -> Pieces:
    syntax = s.SYNTAXES[uid]
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = syntax.little, syntax.implicit
    write_dataset(buffer, ds)
    ds.file_meta.TransferSyntaxUID = UID(uid)
    data = buffer.getvalue()
    units = units_of(data, implicit=syntax.implicit, little=syntax.little)
    assert all(tag_of(a, little=syntax.little) < tag_of(b, little=syntax.little) for a, b in pairwise(units))
    return Pieces(ds.file_meta, units, syntax.implicit, syntax.little, deflated=uid == s.DEFLATED_LE)
