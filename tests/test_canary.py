"""Canaries: identifiers planted in every corner of the input, and everything that a run leaves behind is searched for them.

That nothing is found proves nothing when nothing was released, so the files that have to be released are named.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest

from deidkit.keys import new_key_file
from deidkit.testing.contracts.redactor import shows
from deidkit.testing.phantoms import NAMES, Phantom, leaks, make

pytestmark = pytest.mark.timeout(900)

RELEASED = {"us", "cr", "ct", "mr", "mg", "es", "capture"}
BROKEN = {"cut.dcm", "letter.txt", "empty.dcm"}


@dataclass
class Ran:
    """One run: the phantoms by the relative path that they had, what was printed and what was written."""

    phantoms: dict[str, Phantom]
    output: Path
    done: subprocess.CompletedProcess[bytes]

    @property
    def manifest(self) -> dict[str, dict]:
        lines = (self.output / "private" / "manifest.jsonl").read_text().splitlines()
        return {line["source"]: line for line in map(json.loads, lines)}

    def hay(self) -> dict[str, bytes]:
        """Everything written or printed, by place; manifest and records without the relative path that they may hold."""
        hay = {"stdout": self.done.stdout, "stderr": self.done.stderr}
        names = [path.relative_to(self.output).as_posix() for path in self.output.rglob("*")]
        hay["file names"] = "\n".join(names).encode()
        for path in self.output.rglob("*"):
            if path.is_file():
                hay[path.relative_to(self.output).as_posix()] = self.without_source(path)
        return hay

    def without_source(self, path: Path) -> bytes:
        data = path.read_bytes()
        if path.suffix in {".json", ".jsonl"} and "private" in path.parts:
            for source in self.manifest:
                data = data.replace(json.dumps(source).encode(), b'""')
        return data


def deidkit(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "deidkit", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, timeout=900, check=False)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run over every phantom and some broken files, below folders and names that identify the patient as well."""
    folder = tmp_path_factory.mktemp("canary")
    phantoms = {}
    for name in NAMES:
        phantom = make(name, seed=1)
        patient = str(phantom.dataset.PatientName).replace("^", "_")
        path = folder / "in" / patient / f"{phantom.dataset.PatientID}.dcm"
        path.parent.mkdir(parents=True)
        phantom.write(path)
        phantoms[path.relative_to(folder / "in").as_posix()] = phantom
    cut = make("es", seed=2).write(folder / "in" / "cut.dcm")
    os.truncate(cut, cut.stat().st_size // 2)
    (folder / "in" / "letter.txt").write_text("\n".join(item.value for item in make("ct", seed=1).planted))
    (folder / "in" / "empty.dcm").touch()
    new_key_file(folder / "key")
    done = deidkit("run", folder / "in", "--output", folder / "out", "--key", folder / "key", "--workers", 2, "--keep-rejected")
    return Ran(phantoms, folder / "out", done)


def test_at_least_sixty_distinct_identifiers_are_planted_in_each():
    for name in NAMES:
        phantom = make(name, seed=1)
        assert len({item.value for item in phantom.planted}) == len(phantom.planted) >= 60
        places = {item.where.partition("[")[0] for item in phantom.planted}
        assert {"preamble", "(FFFC,FFFC)", "(0002,0102)", "(6000,4000)", "(0029,1003)", "OtherPatientIDsSequence"} <= places


def test_every_planted_identifier_is_really_in_the_input(tmp_path):
    for name in NAMES:
        phantom = make(name, seed=1)
        assert leaks(phantom.write(tmp_path / name).read_bytes(), phantom.planted) == phantom.planted


def test_the_files_that_have_to_be_released_are(ran):
    released = {phantom.name for source, phantom in ran.phantoms.items() if ran.manifest[source]["outcome"] == "released"}
    held = {source: line["reasons"] for source, line in ran.manifest.items() if source in ran.phantoms and line["reasons"]}
    assert released == RELEASED, f"held back: {[(ran.phantoms[source].name, why) for source, why in held.items()]}"
    assert {source for source, line in ran.manifest.items() if line["outcome"] == "quarantined"} == BROKEN
    assert ran.done.returncode == 3


def test_no_planted_identifier_is_left_anywhere(ran):
    everything = [item for phantom in ran.phantoms.values() for item in phantom.planted]
    own = {ran.manifest[source]["output"]: phantom.planted for source, phantom in ran.phantoms.items()}
    found = {place: [item.where for item in leaks(data, own.get(place, everything))] for place, data in ran.hay().items()}
    assert {place: where for place, where in found.items() if where} == {}


def test_no_drawn_word_is_left_in_any_text(ran):
    words = [text.text for phantom in ran.phantoms.values() for text in phantom.texts if text.kind == "phi"]
    for place, data in ran.hay().items():
        if not place.startswith("released/"):
            assert not [word for word in words if word.encode() in data], place


def test_no_drawn_word_is_left_in_any_pixel(ran):
    for source, phantom in ran.phantoms.items():
        written = pydicom.dcmread(ran.output / ran.manifest[source]["output"])
        samples = written.pixel_array.reshape(phantom.samples.shape)
        for text in phantom.texts:
            for frame in text.frames:
                shown = shows(phantom.samples[frame], samples[frame], text.box)
                assert text.kind != "phi" or shown < 0.2, f"{phantom.name}: a drawn word can still be seen"


def test_what_was_not_drawn_on_is_untouched(ran):
    for source, phantom in ran.phantoms.items():
        samples = pydicom.dcmread(ran.output / ran.manifest[source]["output"]).pixel_array.reshape(phantom.samples.shape)
        same = float(np.mean(samples == phantom.samples))
        assert samples.dtype == phantom.samples.dtype
        assert same > 0.8, f"{phantom.name}: only {same:.0%} of the samples are the original ones"


def test_overlays_preamble_and_tail_are_gone(ran):
    for source in ran.phantoms:
        path = ran.output / ran.manifest[source]["output"]
        written = pydicom.dcmread(path)
        assert not [element.tag for element in written if 0x6000 <= element.tag.group < 0x6100]
        assert 0xFFFCFFFC not in written and 0x00020102 not in written.file_meta
        assert path.read_bytes()[:128] == bytes(128)


def test_what_leaves_the_house_says_what_was_done(ran):
    lines = [json.loads(line) for line in (ran.output / "released.jsonl").read_text().splitlines()]
    assert {ran.output / line["output"] for line in lines} == {p for p in (ran.output / "released").rglob("*") if p.is_file()}
    assert all(line["checks"] and line["sha256"] and line["regions"] for line in lines)
    assert not [key for line in lines for key in line if key in {"source", "root", "stamp", "duplicate_of"}]


def test_a_dry_run_shows_actions_and_no_values(tmp_path):
    phantom = make("es", seed=1)
    path = phantom.write(tmp_path / "image.dcm")
    new_key_file(tmp_path / "key")
    done = deidkit("run", path, "--dry-run", "--key", tmp_path / "key", "--json")
    plan = json.loads(done.stdout)["plan"]
    assert len(plan["regions"]) >= 6 and len(plan["changes"]) >= 60
    assert leaks(done.stdout + done.stderr, phantom.planted) == ()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["image.dcm", "key"]


def test_detect_shows_boxes_and_no_text(tmp_path):
    phantom = make("es", seed=1)
    done = deidkit("detect", phantom.write(tmp_path / "image.dcm"))
    assert len(json.loads(done.stdout)["boxes"]) >= 6
    assert leaks(done.stdout + done.stderr, phantom.planted) == ()
