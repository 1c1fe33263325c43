"""Deflated streams inside private elements, such as the protocol data block of GE: cleaned like any text, and swept."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path

import pytest
from ps315_corpus import ROOT, Person, base, person
from ps315_running import KEYS, failures, reread, scrubbed, swept
from pydicom import Dataset

from deidkit_ps315.text.formats import find_patterns
from deidkit_ps315.text.packed import MOST, repacked, streams

WHO = person(81)
BLOCK = "0025,10xx GEMS_SERS_01"


def protocol(who: Person) -> bytes:
    lines = (
        'ENTRY "Head First"',
        f'SEDESC "AX T2 {who.family}"',
        f'PDGMUID "{ROOT}.4711.9"',
        'SLICEORDER "1"',
        'GRIP_SLGROUP1 "0.000000 25.219501 17.312536 0.000000 0.000000 1.000000 0.000000 1.000000 15 0.000000 1"',
    )
    return "\n".join(lines).encode()


def member(content: bytes, name: str = "Ex471122Ser4") -> bytes:
    stream = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=stream, mtime=1536400000) as file:
        file.write(content)
    return stream.getvalue()


def header(value: bytes) -> Dataset:
    made = base(WHO)
    made.private_block(0x0025, "GEMS_SERS_01", create=True).add_new(0x1B, "OB", value + b"\0" * (len(value) % 2))
    return reread(made)


def block(after: Dataset) -> bytes:
    return bytes(reread(after)[0x0025, 0x101B].value)


def test_a_deflated_protocol_is_cleaned_and_keeps_its_values(tmp_path: Path) -> None:
    packed = member(protocol(WHO))
    before = header(struct.pack("<I", len(packed)) + packed)
    after, changes = scrubbed(before, attributes={BLOCK: "clean"}, clean=["descriptors"])
    value = block(after)
    length = struct.unpack_from("<I", value)[0]
    lines = gzip.decompress(value[4 : 4 + length]).decode().splitlines()
    assert lines[0] == 'ENTRY "Head First"'
    assert lines[1] == 'SEDESC "AX T2 [NAME]"'
    assert lines[2] == f'PDGMUID "{KEYS.uid(f"{ROOT}.4711.9")}"'
    assert lines[3:] == protocol(WHO).decode().splitlines()[3:]
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []


def test_the_file_name_and_time_of_a_gzip_header_go() -> None:
    after, _ = scrubbed(header(member(b'ENTRY "Head First"')), attributes={BLOCK: "clean"}, clean=["descriptors"])
    value = block(after)
    assert b"471122" not in value
    assert value[4:8] == bytes(4)
    assert [stream.content for stream in streams(value)] == [b'ENTRY "Head First"']


@pytest.mark.parametrize("pack", [zlib.compress, member, lambda data: member(zlib.compress(data))])
def test_the_sweep_finds_a_name_in_what_is_deflated(tmp_path: Path, pack: object) -> None:
    before = header(pack(protocol(WHO)))  # type: ignore[operator]
    after, changes = scrubbed(before, attributes={BLOCK: "clean"}, clean=["descriptors"])
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []
    after[0x0025, 0x101B].value = before[0x0025, 0x101B].value
    found = failures(swept(before, after, changes, tmp_path / "b.dcm"))
    assert any("deflated" in line for line in found)


def test_what_is_deflated_too_often_or_too_large_is_emptied() -> None:
    deep = b"x" * 40
    for _ in range(6):
        deep = member(deep)
    assert b"x" * 40 not in b"".join(_all(block(scrubbed(header(deep), attributes={BLOCK: "clean"})[0])))
    large = repacked(gzip.compress(bytes(MOST + 1)), lambda content: content)
    assert gzip.decompress(large) == b""


def _all(value: bytes) -> list[bytes]:
    inside = [stream.content or b"" for stream in streams(value)]
    return [value, *(piece for content in inside for piece in _all(content))] if inside else [value]


def test_bytes_that_only_begin_like_a_stream_stay() -> None:
    for value in (b"\x1f\x8b\x08\x00 no stream at all", b"\x78\x9cxyz", gzip.compress(b"cut short")[:-9]):
        assert repacked(value, lambda content: b"") == value


def test_a_row_of_decimals_is_no_place_and_a_pair_or_three_are() -> None:
    assert not list(find_patterns("0.000000 25.219501 17.312536 1.000000"))
    for place in ("52.5170, 13.3888", "52.5170 13.3888 34.0"):
        assert [span.kind for span in find_patterns(f"found at {place} today")] == ["place"], place
