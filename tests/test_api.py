"""The same from Python as from the command line: nothing that a run releases or tells is lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import SegmentationStorage

import deidkit
from deidkit.output.store import read_outcomes
from deidkit.testing.phantoms import make

KEYS = deidkit.Keys(bytes(range(32)))
PROFILE = """
profile: quick
schema_version: 1
extends: base
detect: [{use: catalog, options: {catalogues: ["%s"]}}]
redact: {use: inpaint, options: {record: seg}}
verify: [{use: sweep}]
"""
CATALOGUE = """
signatures:
  - {name: corner, source: a test, rows: %d, columns: %d, when: {attribute: Modality, present: true}, boxes: [[4, 4, 60, 16]]}
"""
TIMES = {"source", "root", "stamp", "seconds"}


@pytest.fixture
def profile(tmp_path: Path) -> str:
    header, path = make("ct", 1).dataset, tmp_path / "quick.yaml"
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE % (header.Rows, header.Columns))
    path.write_text(PROFILE % (tmp_path / "catalogue.yaml"))
    return str(path)


def test_what_a_run_releases_and_tells_comes_back_from_deidentify(tmp_path: Path, profile: str) -> None:
    path = make("ct", 1).write(tmp_path / "in.dcm")
    made = deidkit.deidentify(path, profile=profile, key=KEYS)
    deidkit.run([path], tmp_path / "out", deidkit.Settings(KEYS, profile=profile))
    [told] = read_outcomes(tmp_path / "out" / "private" / "manifest.jsonl")
    assert made.outcome.model_dump(exclude=TIMES) == told.model_dump(exclude=TIMES)
    assert made.outcome.regions and len(made.companions) == len(told.companions) == 1
    for own, name in zip((made.dataset, *made.companions), told.outputs, strict=True):
        assert own == dcmread(tmp_path / "out" / name)
    assert made.companions[0].SOPClassUID == SegmentationStorage
    dataset, outcome = made
    assert (dataset, outcome) == (made.dataset, made.outcome)


def test_a_data_set_without_file_meta_information_is_taken_as_it_is(profile: str) -> None:
    given = make("ct", 1).dataset
    bare = Dataset({element.tag: element for element in given})
    made = deidkit.deidentify(bare, profile=profile, key=KEYS)
    assert made.dataset is not None, made.outcome.reasons
    assert made.dataset.SOPInstanceUID == KEYS.uid(given.SOPInstanceUID)


def test_a_data_set_without_a_uid_gets_the_one_that_a_run_gives_it(tmp_path: Path, profile: str) -> None:
    bare = Dataset({element.tag: element for element in make("ct", 1).dataset})
    del bare.SOPInstanceUID
    made = deidkit.deidentify(bare, profile=profile, key=KEYS)
    assert made.outcome.minted == ("SOPInstanceUID",), made.outcome.reasons
    dcmwrite(tmp_path / "in.dcm", bare, implicit_vr=False, little_endian=True)
    deidkit.run([tmp_path / "in.dcm"], tmp_path / "out", deidkit.Settings(KEYS, profile=profile))
    [told] = read_outcomes(tmp_path / "out" / "private" / "manifest.jsonl")
    assert told.outputs == made.outcome.outputs and told.sha256 == made.outcome.sha256


def test_what_is_not_released_names_no_output(tmp_path: Path, profile: str) -> None:
    path = tmp_path / "letter"
    path.write_text("Dear Sir")
    made = deidkit.deidentify(path, profile=profile, key=KEYS)
    assert made.dataset is None and made.companions == ()
    assert made.outcome.outputs == () and made.outcome.sha256 is None
    assert made.outcome.reasons == ("format-unknown: no installed format recognises the file",)
