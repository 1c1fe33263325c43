"""The sweep of written bytes: finds identifiers in every encoding and place, quickly, and nothing else."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ps315_corpus import base, person
from ps315_running import context_of, failures, reread, scrubbed, swept, written
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset

from deidkit.errors import UnreadableFile
from deidkit.types import Case, Status
from deidkit_ps315.options import SweepOptions
from deidkit_ps315.sweep.byte_layout import CHUNK, Written, pixel_span
from deidkit_ps315.sweep.encoded import decoded
from deidkit_ps315.sweep.verifier import Sweep
from deidkit_ps315.text.byte_search import Finder, needles_of, scan

WHO = person(95)
MEGABYTE = 1 << 20


def verified(before: Dataset, after: Dataset, changes: Any, raw: bytes, path: Path) -> list[str]:
    path.write_bytes(raw)
    sides = cast(Any, (SimpleNamespace(header=before), SimpleNamespace(header=after)))
    return failures(Sweep(SweepOptions()).verify(Case(*sides, path, {}, {}, tuple(changes), context_of(before))))


@pytest.mark.parametrize("codec", ["ascii", "latin-1", "utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("form", [str, str.upper, str.lower])
@pytest.mark.parametrize("where", ["preamble", "trailing", "private", "icon"])
def test_a_name_in_any_encoding_anywhere_is_found(codec: str, form: Any, where: str, tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    name = form(WHO.family).encode(codec)
    if where == "private":
        after.add_new(0x00091001, "OB", name + b"\0" * (len(name) % 2))
    if where == "icon":
        after.add_new(0x00282000, "OB", b"\x01\x02" + name + b"\0" * (len(name) % 2))
    raw = written(after)
    if where == "preamble":
        raw = name[:128].ljust(128, b"\0") + raw[128:]
    if where == "trailing":
        raw += name
    assert verified(before, after, changes, raw, tmp_path / "a.dcm")


ENCODINGS = {"base64": base64.b64encode, "url": base64.urlsafe_b64encode, "hexadecimal": lambda raw: raw.hex().upper().encode()}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("lead", ["", "x", "??", '{"patient":"'])
@pytest.mark.parametrize("outside", [b"", b"v2", b"token=", b"data:text/plain;base64,"])
def test_an_encoded_name_is_found(encode: Any, lead: str, outside: bytes, tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    value = outside + encode(f"{lead}{WHO.family}^{WHO.given}".encode())
    after.add_new(0x00091001, "OB", value + b"\0" * (len(value) % 2))
    found = verified(before, after, changes, written(after), tmp_path / "a.dcm")
    assert found and WHO.family not in str(found)


LONG = "".join(f"{letter}{WHO.family}-{WHO.number}" for letter in "abcdefghij")


@pytest.mark.parametrize(
    "value",
    [
        base64.b64encode(WHO.number.encode()),
        base64.b64encode(WHO.family[:6].encode()),
        base64.encodebytes(LONG.encode()),
        base64.encodebytes(LONG.encode()).replace(b"\n", b"\r\n\t"),
        base64.b64encode(WHO.family.encode()).decode().encode("utf-16-le"),
        WHO.family.encode().hex(" ").encode(),
        WHO.family.encode().hex(":").encode(),
    ],
)
def test_short_wrapped_and_wide_runs_are_decoded(value: bytes) -> None:
    plain = decoded(b"value=" + value + b";")
    assert any(part.encode() in plain for part in (WHO.number, WHO.family[:6]))


def test_what_only_looks_encoded_costs_no_more_than_its_length() -> None:
    for filler in (b"a", b"A", b"0", b"aA0", b"ab \n", b"0 "):
        decoded(filler * ((1 << 22) // len(filler)))


def test_components_of_uids_spell_nothing() -> None:
    uid = b"1.2.840." + WHO.family.encode().hex().encode().translate(bytes.maketrans(b"abcdef", b"123456")) + b".5"
    assert decoded(uid).strip(b"\0") == b""


@given(st.binary(max_size=400))
def test_any_bytes_can_be_searched_for_what_they_encode(data: bytes) -> None:
    decoded(data)
    coded = base64.b64encode(data)
    if len(coded.rstrip(b"=")) >= 7 and re.search(rb"[a-z]", coded) and re.search(rb"[A-Z]", coded):
        assert data in decoded(b"<" + coded + b">")


@pytest.mark.parametrize(
    "escaped", ["M%C3%BCllerstedt", "m%c3%bcllerstedt", "M&uuml;llerstedt", "M&#252;LLERSTEDT", "M&#xFC;llerstedt"]
)
def test_a_name_in_a_link_or_in_html_is_found(escaped: str, tmp_path: Path) -> None:
    before = base(WHO)
    before.SpecificCharacterSet = "ISO_IR 192"
    before.PatientName = "Müllerstedt^Öre"
    before = reread(before)
    after, changes = scrubbed(before)
    clean = verified(before, after, changes, written(after), tmp_path / "a.dcm")
    after.add_new(0x00081190, "UR", f"https://pacs/studies?name={escaped}")
    assert not clean and verified(before, after, changes, written(after), tmp_path / "b.dcm")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("position", [0, 3, 70_001, 1_000_003])
def test_a_name_in_the_pixel_data_is_found(dtype: Any, position: int, tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    pixels = np.random.default_rng(1).integers(0, 255, MEGABYTE, np.uint8).astype(dtype).tobytes()
    name = f"{WHO.family}^{WHO.given}".encode()
    for planted, wanted in ((b"", False), (name, True)):
        after.add_new(0x7FE00010, "OW", pixels[:position] + planted + pixels[position + len(planted) :])
        assert bool(verified(before, after, changes, written(after), tmp_path / "a.dcm")) is wanted


def test_a_deflated_file_is_inflated(tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    after.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1.99"
    clean = written(after)
    assert zlib.crc32(clean)
    assert verified(before, after, changes, clean, tmp_path / "a.dcm") == []
    after.DetectorDescription = WHO.family
    raw = written(after)
    assert WHO.family.encode() not in raw
    assert "header" in " ".join(verified(before, after, changes, raw, tmp_path / "a.dcm"))


def test_an_empty_or_broken_output_is_not_passed(tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    for raw in (b"", written(after)[:400].replace(b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.1.99")):
        with pytest.raises(UnreadableFile):
            verified(before, after, changes, raw, tmp_path / "a.dcm")


def test_raster_files_pass_with_a_word(tmp_path: Path) -> None:
    side = cast(Any, SimpleNamespace(header=Dataset()))
    checks = Sweep(SweepOptions()).verify(Case(side, side, tmp_path / "none", {}, {}, (), context_of(base(WHO))))
    assert [(check.status, bool(check.detail)) for check in checks] == [(Status.PASSED, True)]


def test_pixel_data_is_found_native_and_encapsulated(tmp_path: Path) -> None:
    header = base(WHO)
    header.add_new(0x7FE00010, "OW", b"\1\2" * 500)
    path = tmp_path / "a.dcm"
    path.write_bytes(written(header) + b"tail")
    with Written(path) as file:
        start, end = pixel_span(file)
    assert end - start == 1000
    from pydicom.encaps import encapsulate

    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    header.add_new(0x7FE00010, "OB", encapsulate([b"\xff\x4f" + b"\0" * 98]))
    header["PixelData"].is_undefined_length = True
    header.save_as(path, enforce_file_format=True)
    with Written(path) as file:
        start, end = pixel_span(file)
    assert 100 < end - start < 140
    assert dcmread(path).PixelData


def test_megabytes_of_noise_hold_none_of_hundreds_of_identifiers() -> None:
    data = np.random.default_rng(2).integers(0, 1 << 32, MEGABYTE, np.uint32).view(np.uint8)
    needles = needles_of({f"{person(seed).family}{seed}": "name" for seed in range(150)}, ("utf-8",))
    assert list(scan(data, needles, pixels=True)) == []
    name = f"{person(7).family}7".encode()
    data[1000 : 1000 + len(name)] = np.frombuffer(name, np.uint8)
    assert [hit.start for hit in scan(data, needles, pixels=True)] == [1000]


def test_found_values_never_reach_the_report(tmp_path: Path) -> None:
    before = reread(base(WHO))
    after, changes = scrubbed(before)
    after.DetectorDescription = f"{WHO.family} {WHO.number} {WHO.seen}"
    after.StudyDate = WHO.seen
    said = " ".join(check.detail for check in swept(before, after, changes, tmp_path / "a.dcm")).lower()
    assert "(0018,7006)" in said
    assert "(0008,0020)" in said
    assert not any(value.lower() in said for value in (WHO.family, WHO.number, WHO.seen, WHO.number.replace("-", "")))


@pytest.mark.parametrize("shift", range(-9, 3))
def test_a_name_across_the_border_of_two_windows_is_found_once(shift: int, tmp_path: Path) -> None:
    name = f"{WHO.family}^{WHO.given}".encode()
    position = CHUNK + shift
    pixels = bytearray(np.random.default_rng(3).integers(0, 255, 2 * CHUNK + 5, np.uint8))
    pixels[position : position + len(name)] = name
    (tmp_path / "a").write_bytes(pixels)
    finder = Finder(needles_of({name.decode(): "name"}, ("utf-8",)), pixels=True)
    with Written(tmp_path / "a") as file:
        hits = list(finder.among(file.windows(0, file.size, finder.reach - 1), CHUNK))
    assert {hit.start for hit in hits} == {position}


def test_the_last_pixel_data_that_fits_counts_wherever_windows_end(tmp_path: Path) -> None:
    element = b"\xe0\x7f\x10\x00OB\0\0" + (1000).to_bytes(4, "little") + b"\1" * 1000
    for lead in (0, CHUNK - 11, CHUNK - 6, CHUNK - 1, CHUNK):
        decoy = (b"\xe0\x7f\x10\x00OB\0\0" + b"\x10\0\0\0")[:lead]
        (tmp_path / "a").write_bytes(decoy + b"\2" * (lead - len(decoy)) + element + b"\xe0\x7f\x10\x00OW\0\0\xf0\xff\0\0tail")
        with Written(tmp_path / "a") as file:
            assert pixel_span(file) == (lead + 12, lead + 1012)


def test_a_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    """A sparse file of 600 MB, in a process of its own that may not get more than 150 MB beyond its imports."""
    with (tmp_path / "a").open("wb") as stream:
        stream.write(b"\xe0\x7f\x10\x00OB\0\0" + (600 * MEGABYTE).to_bytes(4, "little"))
        stream.truncate(600 * MEGABYTE + 12)
    program = """
import resource, sys
from pathlib import Path
from deidkit_ps315.sweep.byte_layout import CHUNK, Written, pixel_span
from deidkit_ps315.text.byte_search import Finder, needles_of
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (150 << 20),) * 2)
finder = Finder(needles_of({"Quorvanezem": "name"}, ("utf-8",)), pixels=True)
with Written(Path(sys.argv[1])) as file:
    start, end = pixel_span(file)
    assert end - start == 600 << 20
    assert list(finder.among(file.windows(start, end, finder.reach - 1), CHUNK)) == []
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], check=True)
