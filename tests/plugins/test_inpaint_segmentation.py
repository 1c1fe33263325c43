"""Regions of generated pixels as a segmentation beside the image: what it says, and that it shares the image's fate."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from deidkit.errors import EnvironmentFault
from deidkit.generated import seg as segmentation
from deidkit.generated.marks import CREATOR, GROUP
from deidkit.generated.seg import checks, generated_regions
from deidkit.keys import Keys, new_key_file
from deidkit.output import quarantine
from deidkit.testing.phantoms import leaks, make
from deidkit.types import Edit, Patch, Status
from deidkit_inpaint.options import InpaintOptions
from deidkit_inpaint.redactor import Inpaint

KEYS = Keys(bytes(range(32)))
PROFILE = """
profile: inpainted
schema_version: 1
extends: base
summary: text replaced by generated pixels, with a segmentation
redact: {use: inpaint, options: {record: seg, margin_px: 3}}
verify: [{use: recheck}, {use: equality, options: {inside: INSIDE}}, {use: sweep}]
"""


def edits(*frames: int, record: str = "seg") -> list[Edit]:
    return [Edit(frame, (Patch((3, 4, 30, 12)), Patch((1, 20, 5, 22))), "inpaint", True, record) for frame in frames]


def header_of(name: str) -> Dataset:
    header = make(name, seed=3).dataset
    del header.PixelData
    return header


def test_the_segment_covers_whole_regions_and_nothing_else() -> None:
    header = header_of("ct")
    made = generated_regions(header, edits(0), 1, KEYS)
    assert made is not None
    wanted = np.zeros((header.Rows, header.Columns), bool)
    wanted[4:12, 3:30] = wanted[20:22, 1:5] = True
    assert np.array_equal(np.squeeze(made.pixel_array).astype(bool), wanted)
    assert made.StudyInstanceUID == header.StudyInstanceUID and made.SeriesInstanceUID != header.SeriesInstanceUID
    referred = made.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert referred.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert made.BurnedInAnnotation == "NO"


def test_nothing_tells_the_moment_or_the_device() -> None:
    one, two = (generated_regions(header_of("ct"), edits(0), 1, KEYS) for _ in range(2))
    assert one is not None and two is not None and one.to_json() == two.to_json()
    header = header_of("ct")
    device = [str(header.get(name)) for name in ("InstitutionName", "StationName", "DeviceSerialNumber") if header.get(name)]
    assert device and not [value for value in device if value in one.to_json()]
    assert one.to_json() != generated_regions(header_of("ct"), edits(0), 1, Keys(bytes(32))).to_json()


@pytest.mark.parametrize("case", ["block", "blanked", "raster", "cine", "bare"])
def test_where_none_is_asked_for_or_can_be_made(case: str) -> None:
    header, wanted, frames = header_of("ct"), edits(0), 1
    if case == "block":
        wanted = edits(0, record="block")
    elif case == "blanked":
        wanted = [Edit(0, (Patch((3, 4, 30, 12)),), "inpaint:blanked")]
    elif case == "raster":
        header = Dataset()
    elif case == "cine":
        del header.FrameOfReferenceUID
        frames = 3
    else:
        del header.SeriesInstanceUID
    assert generated_regions(header, wanted, frames, KEYS) is None


def test_several_character_sets_are_no_reason_to_make_none() -> None:
    header = header_of("ct")
    header.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    header.PatientName = "Yamada^Tarou=山田^太郎"
    header.InstanceNumber = "7"
    made = generated_regions(header, edits(0), 1, KEYS)
    assert made is not None and made.PatientName == header.PatientName and made.InstanceNumber == 7
    assert list(header.SpecificCharacterSet) == ["", "ISO 2022 IR 87"]


def test_a_segmentation_that_could_not_be_made_is_told() -> None:
    assert [check.status for check in checks(edits(0), made=False)] == [Status.WARNED]
    assert checks(edits(0), made=True) == checks(edits(0, record="block"), made=False) == ()


def test_without_highdicom_the_option_names_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "find_spec", lambda name: None)
    with pytest.raises(EnvironmentFault, match=r"pip install 'deidkit-imaging\[seg\]'"):
        Inpaint(InpaintOptions(record="seg"))


class Run:
    """One output folder of ``deidkit run`` on a CT phantom, in a profile of this module."""

    def __init__(self, folder: Path, inside: str) -> None:
        self.folder, self.output = folder, folder / "out"
        (folder / "in").mkdir()
        self.phantom = make("ct", seed=1)
        self.phantom.write(folder / "in" / "ct.dcm")
        new_key_file(folder / "key")
        (folder / "inpainted.yaml").write_text(PROFILE.replace("INSIDE", inside))

    def command(self, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "deidkit", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, timeout=300, check=False)

    def run(self, *arguments: str) -> int:
        options = ("--profile", self.folder / "inpainted.yaml", "--key", self.folder / "key", *arguments)
        return self.command("run", self.folder / "in", "--output", self.output, *options).returncode

    def manifest(self) -> dict:
        return json.loads((self.output / "private" / "manifest.jsonl").read_text().splitlines()[-1])

    def released(self) -> dict[str, Path]:
        paths = [path for path in (self.output / "released").rglob("*") if path.is_file()]
        return {str(dcmread(path, stop_before_pixels=True).Modality): path for path in paths}


@pytest.mark.timeout(300)
def test_it_is_released_with_its_image(tmp_path: Path) -> None:
    run = Run(tmp_path, inside="unlike")
    assert run.run() == 0
    found = run.released()
    assert set(found) == {"CT", "SEG"}
    image, beside = dcmread(found["CT"]), dcmread(found["SEG"])
    rows = np.reshape(image.private_block(GROUP, CREATOR)[0x01].value, (-1, 5))
    mask = np.squeeze(beside.pixel_array)
    assert len(rows) and all(mask[y0:y1, x0:x1].all() for _, x0, y0, x1, y1 in rows)
    assert mask.sum() <= sum((x1 - x0) * (y1 - y0) for _, x0, y0, x1, y1 in rows)
    for name in ("PatientIdentityRemoved", "LongitudinalTemporalInformationModified", "InstanceNumber"):
        assert beside[name].value == image[name].value
    assert leaks(found["SEG"].read_bytes(), run.phantom.planted) == ()
    assert [f"released/{one['name']}" for one in run.manifest()["companions"]] == [
        found["SEG"].relative_to(run.output).as_posix()
    ]
    whole = {path: path.read_bytes() for path in found.values()}
    found["SEG"].unlink()
    assert run.run("--resume") == 0
    assert {path: path.read_bytes() for path in run.released().values()} == whole


@pytest.mark.needs("dciodvfy")
@pytest.mark.timeout(300)
def test_dciodvfy_finds_no_error(tmp_path: Path) -> None:
    run = Run(tmp_path, inside="unlike")
    assert run.run() == 0
    told = subprocess.run(["dciodvfy", run.released()["SEG"]], capture_output=True, text=True, check=False)
    assert not [line for line in (told.stdout + told.stderr).splitlines() if line.startswith("Error")]


@pytest.mark.timeout(300)
def test_it_is_held_back_with_its_image_and_released_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path, inside="constant")
    assert run.run("--keep-rejected") == 3
    assert run.released() == {}
    kept = sorted(path.name for path in (run.output / "private" / "quarantine").glob("*.dcm"))
    assert len(kept) == 2 and kept[1].removesuffix(".seg.dcm") in kept[0]
    item = kept[0].partition(".")[0]
    with monkeypatch.context() as stopped:
        stopped.setattr(quarantine, "_vouch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            quarantine.release(run.output, item, "Somebody")
    assert run.command("quarantine", "release", run.output, item, "--reviewer", "Somebody").returncode == 0
    assert set(run.released()) == {"CT", "SEG"}
    assert run.run("--resume") == 0
    assert set(run.released()) == {"CT", "SEG"}
