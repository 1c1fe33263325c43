"""Values that cannot be what their element says, unknown VRs and colour profiles: text has no place left to travel in."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms
from ps315_corpus import base, nested, person
from ps315_objects import new_errors
from ps315_running import KEYS, context_of, failures, reread, scrubbed, swept, written
from pydicom import Dataset, dcmread
from pydicom.data import get_palette_files
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
)

import deidkit
from deidkit.errors import ItemError
from deidkit.headers.raw_elements import elements_of
from deidkit.headers.working_copy import working_copy
from deidkit.limits import Limits
from deidkit_dicom.format import DicomFormat
from deidkit_dicom.options import DicomOptions
from deidkit_ps315.options import Ps315Options
from deidkit_ps315.scrub.scrubber import Ps315
from deidkit_ps315.standard import colour_profiles
from deidkit_ps315.standard.value_form import MALFORMED, form_of, reads_as_prose
from deidkit_ps315.sweep import conformance

WHO = person(5)
TEXT = b"seen with Wilma Osterhaus, Kestrelford General, ward seven      "
CANARY = b"Osterhaus"
FORMAT = DicomFormat(DicomOptions())
SYNTAXES = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)

MALFORMED_VALUES = {
    "US of VM 1, 64 bytes": (0x00280106, "US", TEXT),
    "US of VM 1, two values": (0x00280106, "US", b"Anna"),
    "US of VM 1, odd": (0x00280106, "US", b"Ann"),
    "US of VM 4, 64 bytes": (0x00181310, "US", TEXT),
    "FL of VM 1, 64 bytes": (0x00181320, "FL", TEXT),
    "FL of VM 1-n, words": (0x00186060, "FL", TEXT),
    "FL of VM 1-n, no multiple of 4": (0x00186060, "FL", TEXT[:62]),
    "FL of VM 2-2n, one value": (0x00220032, "FL", b"Anna"),
    "FD of VM 1-n, words": (0x00186054, "FD", TEXT),
    "UL of VM 1-n, words": (0x00186052, "UL", TEXT),
    "SS of VM 1-n, words": (0x00289503, "SS", TEXT),
    "AT of VM 1-n, words": (0x00205000, "AT", TEXT),
    "AT, no multiple of 4": (0x00205000, "AT", TEXT[:62]),
    "OB, words": (0x00143080, "OB", TEXT),
    "OW, words": (0x00283006, "OW", TEXT),
    "OW as US of VM 1": (0x00280106, "OW", TEXT),
    "OF, words": (0x00640009, "OF", TEXT),
    "OF, no multiple of 4": (0x00640009, "OF", TEXT[:62]),
    "OD, words": (0x00660022, "OD", TEXT),
    "OL, words": (0x00660040, "OL", TEXT),
    "UN of a number, words": (0x00189073, "UN", TEXT),
    "OB in place of text": (0x00181271, "OB", TEXT),
    "US in place of text": (0x00181250, "US", TEXT),
    "LT in place of a number": (0x00189073, "LT", TEXT),
    "OB in place of a sequence": (0x00081115, "OB", TEXT),
    "unknown VR of a number": (0x00189073, "ZZ", TEXT),
    "unknown VR of a text": (0x00181250, "ZZ", TEXT),
    "unknown VR of an unknown attribute": (0x00189ABC, "QQ", TEXT),
    "unknown VR of a name": (0x00100010, "ZZ", TEXT),
}
IMPLICIT_TOO = [name for name in MALFORMED_VALUES if not any(word in name for word in ("place of", "unknown VR", "as US"))]


def put(dataset: Dataset, tag: int, vr: str | None, value: bytes, *, little: bool = True) -> None:
    dataset[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, vr is None, little)


def with_elements(place: str, *elements: tuple[int, str, bytes]) -> Dataset:
    """A header with raw elements at the top or in a sequence."""
    header, inner = base(WHO), Dataset()
    for tag, vr, value in elements:
        put(header if place == "top" else inner, tag, vr, value)
    if place != "top":
        header.update(nested(inner, 2))
    return header


@pytest.mark.parametrize("place", ["top", "nested"])
@pytest.mark.parametrize("name", MALFORMED_VALUES)
def test_what_cannot_be_what_it_says_goes(name: str, place: str, tmp_path: Path) -> None:
    header = with_elements(place, MALFORMED_VALUES[name])
    after, changes = scrubbed(header)
    assert CANARY not in written(after) and b"Anna" not in written(after)
    tag = Tag(MALFORMED_VALUES[name][0])
    assert [change.action for change in changes if change.path.endswith(f"({tag.group:04X},{tag.element:04X})")]
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


class Bytes:
    """A Part 10 file of any native syntax with elements put in by hand."""

    def __init__(self, syntax: str) -> None:
        self.syntax = syntax
        self.little, self.implicit = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
        self.order = "<" if self.little else ">"

    def encoded(self, dataset: Dataset) -> bytes:
        stream = DicomBytesIO()
        stream.is_little_endian, stream.is_implicit_VR = self.little, self.implicit
        write_dataset(stream, dataset)
        return stream.getvalue()

    def element(self, tag: int, vr: bytes, value: bytes) -> bytes:
        start = struct.pack(self.order + "HH", tag >> 16, tag & 0xFFFF)
        if self.implicit:
            return start + struct.pack(self.order + "L", len(value)) + value
        long = vr in {b"OB", b"OW", b"OF", b"OD", b"OL", b"SQ", b"UN"}
        return (
            start
            + vr
            + (struct.pack(self.order + "HL", 0, len(value)) if long else struct.pack(self.order + "H", len(value)))
            + value
        )

    def item(self, tag: int, content: bytes) -> bytes:
        return self.element(tag, b"SQ", struct.pack(self.order + "HHL", 0xFFFE, 0xE000, len(content)) + content)

    def file(self, header: Dataset, tag: int, element: bytes) -> bytes:
        """``header`` with the bytes of an element where ``tag`` belongs."""
        halves = Dataset(), Dataset()
        for one in header:
            halves[one.tag > tag][one.tag] = one
        dataset = self.encoded(halves[0]) + element + self.encoded(halves[1])
        if self.syntax == DeflatedExplicitVRLittleEndian:
            engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            dataset = engine.compress(dataset) + engine.flush()
        header.file_meta.TransferSyntaxUID = self.syntax
        stream = DicomBytesIO()
        write_file_meta_info(stream, header.file_meta, enforce_standard=True)
        return bytes(128) + b"DICM" + stream.getvalue() + dataset


def image() -> Dataset:
    header = base(WHO, SecondaryCaptureImageStorage)
    header.Rows = header.Columns = 16
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation = 7, 0
    header.add(DataElement(0x7FE00010, "OB", bytes(range(256))))
    return header


def through(path: Path, output: Path) -> tuple[bytes, list[str], str]:
    """Read, scrubbed and written again: the bytes, the sources of the changes, and the code if it was refused."""
    try:
        opened = FORMAT.open(path, Limits())
        after = working_copy(opened.header)
        changes = Ps315(Ps315Options()).scrub(after, context_of(opened.header))
        FORMAT.save(opened, after, [], output)
    except ItemError as refusal:
        return b"", [], refusal.code
    return output.read_bytes(), [change.source for change in changes], ""


def inflated(raw: bytes) -> bytes:
    """Also the dataset behind the file meta information of a deflated file."""
    try:
        return raw + zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(raw[144 + struct.unpack_from("<L", raw, 140)[0] :])
    except zlib.error:
        return raw


IN_FILES = [
    (name, syntax)
    for name in MALFORMED_VALUES
    for syntax in SYNTAXES
    if syntax != ImplicitVRLittleEndian or name in IMPLICIT_TOO
]


@pytest.mark.parametrize("place", ["top", "nested"])
@pytest.mark.parametrize(("name", "syntax"), IN_FILES)
def test_it_goes_from_files_of_every_syntax(name: str, syntax: str, place: str, tmp_path: Path) -> None:
    tag, vr, value = MALFORMED_VALUES[name]
    made = Bytes(syntax)
    element, where = made.element(tag, vr.encode(), value), tag
    if place == "nested":
        element, where = made.item(0x00089215, element), 0x00089215
    header = image()
    header.pop(tag, None)
    (tmp_path / "in.dcm").write_bytes(made.file(header, where, element))
    raw, sources, refused = through(tmp_path / "in.dcm", tmp_path / "out.dcm")
    assert refused == ""
    assert CANARY not in inflated(raw) and b"Anna" not in inflated(raw)
    assert MALFORMED in sources or "unknown" in name


@pytest.mark.parametrize("vr", [b"ZZ", b"??", b"  ", b"\0\0", b"A\xff", b"us", b"QX"])
@pytest.mark.parametrize("place", ["top", "nested"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("tag", [0x00189073, 0x00204000, 0x00104000, 0x00189ABC])
def test_an_unknown_vr_swallows_nothing(vr: bytes, place: str, syntax: str, tag: int, tmp_path: Path) -> None:
    """As large as an image can be, so that a length made of the VR's bytes would still lie within the file."""
    made, header = Bytes(syntax), image()
    header.PixelData = bytes(256) + bytes(1 << 22)
    element = made.element(tag, vr, TEXT)
    where = tag
    if place == "nested":
        element, where = made.item(0x00089215, made.element(0x00080100, b"SH", b"113072") + element), 0x00089215
    (tmp_path / "in.dcm").write_bytes(made.file(header, where, element))
    raw, _, refused = through(tmp_path / "in.dcm", tmp_path / "out.dcm")
    if refused:
        assert place == "nested" and refused == "vr-unknown" and not (vr.isascii() and vr.isupper())
        return
    assert CANARY not in raw
    after = dcmread(tmp_path / "out.dcm")
    assert (after.Rows, after.Columns, after.BitsStored) == (16, 16, 8) and (tag not in after or tag == 0x00104000)


REQUIRED = {
    "Rows": (0x00280010, "US", struct.pack("<H", 16) + TEXT),
    "SamplesPerPixel": (0x00280002, "US", struct.pack("<H", 1) + TEXT),
    "BitsStored": (0x00280101, "US", struct.pack("<H", 8) + TEXT),
    "palette": (0x00281201, "OW", bytes(range(256)) + TEXT),
}


@pytest.mark.parametrize("name", REQUIRED)
def test_without_what_describes_the_pixels_nothing_is_released(name: str, tmp_path: Path) -> None:
    tag, vr, value = REQUIRED[name]
    made, header = Bytes(ExplicitVRLittleEndian), image()
    header.pop(tag, None)
    (tmp_path / "in.dcm").write_bytes(made.file(header, tag, made.element(tag, vr.encode(), value)))
    assert through(tmp_path / "in.dcm", tmp_path / "out.dcm") == (b"", [], "value-malformed")


PROFILE = """
profile: by_header
schema_version: 1
extends: base
detect: [{use: catalog}]
verify: [{use: sweep}]
"""


def test_a_run_releases_what_is_whole_and_says_why_it_holds_back_the_rest(tmp_path: Path) -> None:
    made = Bytes(ExplicitVRLittleEndian)
    (tmp_path / "in").mkdir()
    element = made.element(0x00189073, b"ZZ", TEXT)
    cases = {
        "released": (0x00189073, element),
        "value-malformed": (0x00280010, made.element(0x00280010, b"US", struct.pack("<H", 16) + TEXT)),
        "vr-unknown": (0x00189073, made.element(0x00189073, b"ZZ", TEXT)[:6] + struct.pack("<HH", 0, len(TEXT)) + TEXT),
    }
    for number, (name, (tag, raw)) in enumerate(cases.items()):
        header = image()
        header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = f"{header.SOPInstanceUID}.{number}"
        header.pop(tag, None)
        (tmp_path / "in" / f"{name}.dcm").write_bytes(made.file(header, tag, raw))
    (tmp_path / "profile.yaml").write_text(PROFILE)
    settings = deidkit.Settings(keys=KEYS, profile=str(tmp_path / "profile.yaml"))
    deidkit.run([tmp_path / "in"], tmp_path / "out", settings)
    lines = [json.loads(line) for line in (tmp_path / "out/private/manifest.jsonl").read_text().splitlines()]
    assert {line["source"][:-4]: line["reasons"] and line["reasons"][0].split(":")[0] for line in lines} == {
        "released": [],
        "value-malformed": "value-malformed",
        "vr-unknown": "vr-unknown",
    }
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file() and CANARY in path.read_bytes()]


@pytest.mark.parametrize("value", [TEXT, TEXT[:61]])
@pytest.mark.parametrize("vr", ["US", "FL", "FD", "SL", "AT", "OW", "ZZ"])
def test_private_numbers_that_are_kept_are_numbers(vr: str, value: bytes, tmp_path: Path) -> None:
    made, header = Bytes(ExplicitVRLittleEndian), image()
    block = made.element(0x00190010, b"LO", b"DEMO 1") + made.element(0x0019100D, vr.encode(), value)
    block += made.element(0x0019100E, b"US", struct.pack("<8H", *range(40, 48)))
    (tmp_path / "in.dcm").write_bytes(made.file(header, 0x00190010, block))
    before = FORMAT.open(tmp_path / "in.dcm", Limits()).header
    after, changes = scrubbed(before, attributes={"0019,xx0D DEMO 1": "clean", "0019,xx0E DEMO 1": "clean"})
    kept = vr == "OW" and len(value) % 2 == 0  # bytes of any content, which are cleaned
    assert CANARY not in written(after)
    assert list(after[0x0019100E].value) == list(range(40, 48))
    malformed = ("(0019,100D)", "X", MALFORMED) in [(change.path, change.action, change.source) for change in changes]
    assert malformed != kept
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("name", ["US of VM 1, 64 bytes", "FL of VM 1-n, words", "OB, words", "OF, no multiple of 4"])
def test_the_sweep_sees_what_was_left(name: str, tmp_path: Path) -> None:
    header = with_elements("top", MALFORMED_VALUES[name])
    after, changes = scrubbed(header)
    put(after, *MALFORMED_VALUES[name])
    assert any("VR and VM" in problem for problem in failures(swept(header, after, changes, tmp_path / "a.dcm")))


def numbers() -> Dataset:
    """Numbers of every VR as they are meant to be, the long ones too."""
    made, rng = image(), np.random.default_rng(3)
    made.SmallestImagePixelValue, made.AcquisitionMatrix = 3, [0, 256, 192, 0]
    made.RWaveTimeVector = rng.normal(800, 30, 500).tolist()
    made.TableOfYBreakPoints, made.SimpleFrameList = rng.normal(0, 1e4, 900).tolist(), list(range(1, 3000))
    made.VerticesOfTheRegion, made.ReferenceCoordinates = [1, 2, 3, 4, 5, 6], [0.5, 1.5, 2.5, 3.5]
    made.HistogramData, made.EnergyWindowVector = rng.integers(0, 1 << 30, 4096).tolist(), [1, 1, 2, 2] * 40
    curve = (np.linspace(0, 1, 4096) ** 0.45 * 65535).astype("<u2")
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [4096, 0, 16], curve.tobytes()
    item["LUTData"].VR = "OW"
    made.ModalityLUTSequence = Sequence([item])
    for colour, ramp in (("Red", curve[::16]), ("Green", np.arange(256) * 257), ("Blue", np.arange(256)[::-1] * 257)):
        setattr(made, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(made, f"{colour}PaletteColorLookupTableData", ramp.astype("<u2").tobytes())
    made.VectorGridData = rng.uniform(0, 5000, 30000).astype("<f4").tobytes()
    made.DoublePointCoordinatesData = rng.normal(0, 50, 9000).astype("<f8").tobytes()
    made.LongPrimitivePointIndexList = np.arange(1, 20000, dtype="<u4").tobytes()
    made.FrameIncrementPointer = 0x00181063
    return made


@pytest.mark.parametrize("implicit", [False, True])
def test_numbers_stay(implicit: bool) -> None:
    stream = io.BytesIO()
    header = numbers()
    header.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    header.save_as(stream, enforce_file_format=True)
    before = dcmread(io.BytesIO(stream.getvalue()))
    after, changes = scrubbed(before)
    assert not [change for change in changes if change.source == MALFORMED]
    held = {int(element.tag): element.value for element in elements_of(after)}
    for element in elements_of(before):
        if element.tag.group in {0x18, 0x20, 0x22, 0x28, 0x54, 0x60, 0x64, 0x66} and form_of(int(element.tag), element.VR):
            assert held[int(element.tag)] == element.value, element.tag


@pytest.mark.parametrize("vr", ["US", "FD", "OB", "SQ"])
@pytest.mark.parametrize("place", ["top", "nested"])
def test_a_character_set_of_another_vr_stops_nothing(place: str, vr: str, tmp_path: Path) -> None:
    """pydicom decodes it for each private element that is put back."""
    safe = ((0x00190010, "LO", b"SIEMENS MR HEADER "), (0x0019100C, "IS", b"1000"))
    header = with_elements(place, *safe, (0x00080005, vr, b"ISO_IR 87"))
    after, changes = scrubbed(header, retain=["safe_private"])
    assert b"ISO_IR 87" not in written(after)
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


def test_numbers_in_place_of_a_sequence_stop_nothing() -> None:
    """The sweep compares the items of input and output, where the element of the input may be anything."""
    after, item = base(WHO), Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    after.ReferencedStudySequence = Sequence([item])
    before = base(WHO)
    put(before, 0x00081110, "US", b"Ann")
    assert conformance.check(before, after).name == "iod"


@pytest.mark.parametrize("vr", ["UI", "UC", "AE", "IS"])
def test_text_of_another_vr_is_cleaned(vr: str, tmp_path: Path) -> None:
    header = with_elements("top", (0x00181030, vr, b"Seen by Wilma Osterhaus\\chest "))
    after, changes = scrubbed(header, clean=["descriptors"])
    assert CANARY not in written(after)
    found = failures(swept(header, after, changes, tmp_path / "a.dcm"))
    assert all("a UID of the input" in problem for problem in found) if vr == "UI" else not found


@pytest.mark.parametrize("place", ["top", "nested"])
@pytest.mark.parametrize(
    ("value", "stays"),
    [
        *((b"Wilma Osterhaus", False), (b"ISO_IR 100\\Osterhaus ", False), (b"O\0s\0t\0e\0r\0", False)),
        *(
            (b"ISO_IR 100", True),
            (b"\\ISO 2022 IR 87", True),
            (b"ISO_IR_192", True),
            (b"GB18030 ", True),
            (b"ISO 2022 IR 58", True),
        ),
    ],
)
def test_a_character_set_is_a_defined_term(place: str, value: bytes, stays: bool, tmp_path: Path) -> None:
    header = with_elements(place, (0x00080005, "CS", value))
    after, changes = scrubbed(header)
    assert b"Osterhaus" not in written(after)
    assert (MALFORMED in {change.source for change in changes}) != stays
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Wilma Osterhaus",
        "OSTERHAUS^WILMA",
        "Müller^Jürgen^^^",
        "Иванова^Анна",
        "山田^太郎 東京",
        "Dr. W. Osterhaus, 0341/5551234",
    ],
)
def test_words_read_as_prose(text: str) -> None:
    raw = text.encode()
    assert reads_as_prose(raw) and reads_as_prose(bytes(40) + raw + bytes(40)) and not reads_as_prose(raw[:8])


def test_tables_of_numbers_do_not_read_as_prose() -> None:
    rng = np.random.default_rng(1)
    tables = [rng.uniform(0, 5000, 20000).astype("<f4"), rng.normal(0, 100, 20000), rng.integers(0, 65536, 60000).astype("<u2")]
    tables += [(20000 + 2000 * np.sin(np.arange(60000) / wave) + rng.normal(0, 20, 60000)).astype("<i2") for wave in (5, 50)]
    for bits, count in ((8, 256), (10, 1024), (12, 4096), (16, 65536)):
        for gamma in (0.45, 1, 2.2):
            ramp = np.linspace(0, 1, count) ** gamma * (2**bits - 1)
            tables += [ramp.astype(kind)[::way] for kind in ("<u2", ">u2", "u1")[: 3 if bits == 8 else 2] for way in (1, -1)]
    assert not any(reads_as_prose(table.tobytes()) for table in tables)


def with_text(value: bytes) -> bytes:
    """A profile in whose description a name stands."""
    at = value.index(b"desc", 140) + 12
    return value[:at] + CANARY + value[at + len(CANARY) :]


def device_profile() -> bytes:
    """Of a scanner whose colours no standard space has."""
    made = bytearray(colour_profiles.profile("SRGB"))
    at = made.index(b"XYZ ", 200) + 8
    made[at + 20 : at + 24] = struct.pack(">l", 30000)
    return with_text(bytes(made))


SRGB = dcmread(get_palette_files("pet.dcm")[0]).ICCProfile
ADOBE = with_text(colour_profiles.profile("ADOBERGB"))


def photograph() -> Dataset:
    header = image()
    header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = VLPhotographicImageStorage
    return header


@pytest.mark.parametrize("make", [image, photograph])
@pytest.mark.parametrize("place", ["top", "nested"])
@pytest.mark.parametrize("given", [ADOBE, with_text(SRGB)])
def test_a_profile_of_known_colours_is_replaced_by_one_without_text(
    make: Callable[[], Dataset], place: str, given: bytes, tmp_path: Path
) -> None:
    header, inner = make(), Dataset()
    (header if place == "top" else inner).add(DataElement(0x00282000, "OB", given + bytes(len(given) % 2)))
    if place == "nested":
        header.OpticalPathSequence = Sequence([inner])
    header = reread(header)
    after, changes = scrubbed(header)
    held = (after if place == "top" else after.OpticalPathSequence[0]).ICCProfile
    expected = "ADOBERGB" if given is ADOBE else "SRGB"
    assert held == colour_profiles.profile(expected) and CANARY not in written(after)
    assert [change.action for change in changes if change.path.endswith("(0028,2000)")] == ["C"]
    assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []
    again, _ = scrubbed(reread(after))
    assert (again if place == "top" else again.OpticalPathSequence[0]).ICCProfile == held


@pytest.mark.parametrize("given", [device_profile(), b"acsp Wilma Osterhaus", ADOBE[:16] + b"CMYK" + ADOBE[20:]])
@pytest.mark.parametrize(("space", "expected"), [(None, "SRGB"), ("ADOBERGB", "ADOBERGB"), ("Osterhaus", "SRGB")])
def test_a_profile_of_unknown_colours_stays_only_where_one_has_to_be(
    given: bytes, space: str | None, expected: str, tmp_path: Path
) -> None:
    needs, without = photograph(), base(WHO)
    for header in (needs, without):
        header.add(DataElement(0x00282000, "OB", given))
        if space:
            header.ColorSpace = space
    for header in map(reread, (needs, without)):
        after, changes = scrubbed(header)
        actions = [change.action for change in changes if change.path == "(0028,2000)"]
        if header.Modality == "CT" and header.SOPClassUID != VLPhotographicImageStorage:
            assert "ICCProfile" not in after and actions == ["X"]
        else:
            assert after.ICCProfile == colour_profiles.profile(expected) and actions == ["D"]
        assert failures(swept(header, after, changes, tmp_path / "a.dcm")) == []


@pytest.mark.parametrize("vr", ["LT", "OW", "UN"])
def test_a_profile_of_another_vr_becomes_one(vr: str, tmp_path: Path) -> None:
    header = photograph()
    put(header, 0x00282000, vr, ADOBE)
    after, changes = scrubbed(header)
    assert (after["ICCProfile"].VR, after.ICCProfile) == ("OB", colour_profiles.profile("ADOBERGB"))
    assert failures(swept(reread(header), after, changes, tmp_path / "a.dcm")) == []
    after["ICCProfile"] = DataElement(0x00282000, "LT", "Wilma Osterhaus")
    assert any("colour profile" in problem for problem in failures(swept(reread(header), after, changes, tmp_path / "a.dcm")))


def test_the_sweep_sees_a_profile_that_was_left(tmp_path: Path) -> None:
    header = photograph()
    header.ICCProfile = ADOBE
    header = reread(header)
    after, changes = scrubbed(header)
    after.ICCProfile = ADOBE
    assert any(
        "colour profile (0028,2000)" in problem for problem in failures(swept(header, after, changes, tmp_path / "a.dcm"))
    )


@pytest.mark.parametrize("name", colour_profiles.names())
def test_profiles_made_here_are_ones_and_say_their_name_alone(name: str) -> None:
    value = colour_profiles.profile(name)
    read = ImageCms.ImageCmsProfile(io.BytesIO(value))
    assert ImageCms.getProfileDescription(read).strip() == name and ImageCms.getProfileCopyright(read).strip() == "CC0"
    assert read.profile.device_class == "scnr" and ImageCms.isIntentSupported(
        read, ImageCms.Intent.PERCEPTUAL, ImageCms.Direction.INPUT
    )
    assert colour_profiles.meaning(value) == (name, True)
    assert int.from_bytes(value[:4], "big") == len(value) and len(value) % 2 == 0


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("name", ["hotiron", "pet"])
def test_dciodvfy_finds_no_new_error_in_real_palettes(name: str, tmp_path: Path) -> None:
    header = dcmread(get_palette_files(f"{name}.dcm")[0])
    after, _ = scrubbed(header)
    assert after.ICCProfile == colour_profiles.profile("SRGB")
    assert new_errors(header, after, tmp_path) == set()
