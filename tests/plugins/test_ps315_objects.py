"""Every SOP class of PS3.3 goes through the scrubber and stays as conformant as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ps315_objects import minimal, new_errors
from ps315_running import CLEAN, context_of, failures, reread, scrubbed, swept
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from deidkit_ps315.standard.iod import sop_classes

DIRECTORY = "1.2.840.10008.1.3.10"
OPTIONS: dict[str, dict[str, object]] = {
    "basic": {},
    "cleaned": {"clean": CLEAN, "dates": "shift"},
    "kept": {"retain": ["uids", "device_identity", "institution_identity", "patient_characteristics"], "dates": "keep"},
}
FILES = (
    "CT_small MR_small rtplan rtstruct rtdose test-SR reportsi waveform_ecg SC_rgb_small_odd examples_palette liver_1frame "
    "examples_ybr_color JPGExtended 693_J2KI"
)
CLASSES = [uid for uid in sop_classes() if uid != DIRECTORY]


@pytest.mark.parametrize(("option", "every"), [("basic", 3), ("cleaned", 2), ("kept", 5)])
def test_every_sop_class_keeps_what_it_requires(option: str, every: int, tmp_path: Path) -> None:
    assert len(CLASSES) > 150
    wrong = {}
    for uid in CLASSES[::every]:
        header = reread(minimal(uid, conditional=len(uid) % 2 == 0))
        after, changes = scrubbed(header, **OPTIONS[option])
        problems = failures(swept(header, after, changes, tmp_path / "a.dcm"))
        if problems:
            wrong[uid] = problems
    assert not wrong


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize(("option", "every"), [("basic", 2), ("cleaned", 5)])
def test_dciodvfy_finds_no_new_error_in_any_sop_class(option: str, every: int, tmp_path: Path) -> None:
    wrong = {}
    for uid in CLASSES[::every]:
        header = reread(minimal(uid, conditional=False))
        after, _ = scrubbed(header, **OPTIONS[option])
        found = new_errors(header, after, tmp_path)
        if found:
            wrong[uid] = sorted(found)
    assert not wrong


def responsible(person: str) -> Dataset:
    header = dcmread(str(get_testdata_file("CT_small.dcm")))
    header.ResponsiblePerson, header.ResponsiblePersonRole = person, "PARENT"
    return header


@pytest.mark.parametrize("person", ["Doe^Jane", ""])
def test_what_may_only_stand_beside_a_value_goes_with_it(person: str) -> None:
    after, changes = scrubbed(responsible(person))
    assert not after.get("ResponsiblePerson") and "ResponsiblePersonRole" not in after
    assert [change.action for change in changes if change.path == "(0010,2298)"] == ["X"]
    kept, _ = scrubbed(responsible(person), attributes={"ResponsiblePerson": "keep"})
    assert ("ResponsiblePersonRole" in kept) == bool(person)


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("person", ["Doe^Jane", ""])
def test_dciodvfy_misses_nothing_beside_a_value_that_went(person: str, tmp_path: Path) -> None:
    header = responsible(person)
    assert not new_errors(header, scrubbed(header)[0], tmp_path)


@pytest.mark.needs("dciodvfy")
def test_dciodvfy_would_tell(tmp_path: Path) -> None:
    header = dcmread(str(get_testdata_file("CT_small.dcm")))
    after, _ = scrubbed(header)
    del after.Modality
    assert new_errors(header, after, tmp_path)


@pytest.mark.needs("dciodvfy")
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", FILES.split())
def test_dciodvfy_finds_no_new_error_in_real_objects(name: str, option: str, tmp_path: Path) -> None:
    header = dcmread(str(get_testdata_file(f"{name}.dcm")), force=True)
    after, _ = scrubbed(header, **OPTIONS[option])
    assert new_errors(header, after, tmp_path) == set()


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", FILES.split())
def test_the_sweep_finds_nothing_in_real_objects(name: str, option: str, tmp_path: Path) -> None:
    header = dcmread(str(get_testdata_file(f"{name}.dcm")), force=True)
    after, changes = scrubbed(header, **OPTIONS[option])
    assert failures(swept(header, after, changes, tmp_path / "s.dcm")) == []
    assert context_of(header).profile == "base"


SAMPLES = {"5.1.4.1.1.66.5": 0x00660016, "5.1.4.1.1.4.2": 0x56000020, "5.1.4.1.1.9.1.1": 0x54001010}
"""Coordinates of a surface, a spectrum, a waveform."""


@pytest.mark.parametrize("sop_class", SAMPLES)
def test_numbers_stay_though_bytes_among_them_spell_a_name(sop_class: str, tmp_path: Path) -> None:
    header = minimal(f"1.2.840.10008.{sop_class}", conditional=False)
    header.PatientName = "Lee^Jo"
    raw = bytearray(np.random.default_rng(0).normal(0, 100, 2000).astype("<f4").tobytes())
    raw[1000:1008] = b"\x80 Lee \x01\x02"
    holder = header.WaveformSequence[0] if "WaveformSequence" in header else header
    holder.add_new(SAMPLES[sop_class], "OW" if "WaveformSequence" in header else "OF", bytes(raw))
    before = reread(header)
    after, changes = scrubbed(before)
    held = after.WaveformSequence[0] if "WaveformSequence" in after else after
    assert held[SAMPLES[sop_class]].value == bytes(raw)
    assert failures(swept(before, after, changes, tmp_path / "a.dcm")) == []
