"""The same object twice is one object, whatever it was written in, and an object without a UID gets one.

All cases lie in one input, a folder each, and are run by one worker and by two.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import manifest, released
from headers_only import picture, quick
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import (
    ColorPaletteStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from deidkit.batch.runner import run
from deidkit.keys import Keys

KEYS = Keys(bytes(range(32)))
SYNTAXES = {
    "big": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "jpegls": JPEGLSLossless,
    "rle": RLELossless,
}
NAMELESS = {"absent": None, "empty": "", "words": "ZEMBROSTU ILKA"}
META_UID = "1.2.826.0.1.7.99"


def put(path: Path, made: Dataset, syntax: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if syntax in {RLELossless, JPEGLSLossless}:
        made.compress(syntax, generate_instance_uid=False)
    elif syntax:
        made.file_meta.TransferSyntaxUID = syntax
    dcmwrite(path, made)


def fill(folder: Path) -> None:
    for name, syntax in SYNTAXES.items():
        put(folder / "syntaxes" / name, picture(1, RetrieveAETitle=name.upper()), syntax)
    shutil.copy(folder / "syntaxes" / "rle", folder / "syntaxes" / "rle2")
    put(folder / "conflict" / "a", picture(2))
    put(folder / "conflict" / "b", picture(2), ImplicitVRLittleEndian)
    put(folder / "conflict" / "c", picture(2, PixelData=picture(3).PixelData), RLELossless)
    shutil.copy(folder / "conflict" / "c", folder / "conflict" / "d")
    put(folder / "damaged" / "b", picture(4))
    (folder / "damaged" / "a").write_bytes((folder / "damaged" / "b").read_bytes()[:-100])
    put(folder / "damaged" / "c", picture(4), ImplicitVRLittleEndian)
    for number, (name, uid) in enumerate(NAMELESS.items(), 10):
        put(folder / name / "a", picture(number, SOPInstanceUID=uid))
        put(folder / name / "b", picture(number, SOPInstanceUID=uid, RetrieveAETitle="PACS"), RLELossless)
        put(folder / name / "c", picture(number + 10, SOPInstanceUID=uid))
    in_meta = picture(5, SOPInstanceUID=None, SOPClassUID=None)
    in_meta.file_meta.MediaStorageSOPClassUID, in_meta.file_meta.MediaStorageSOPInstanceUID = picture().SOPClassUID, META_UID
    put(folder / "meta" / "a", in_meta)
    put(folder / "meta" / "b", picture(5, SOPInstanceUID=META_UID), ImplicitVRLittleEndian)
    put(folder / "classless" / "a", picture(6, SOPClassUID=None))
    lacking = {"StudyInstanceUID": None, "SeriesInstanceUID": ""}
    put(folder / "series" / "a1", picture(31, **lacking))
    put(folder / "series" / "a2", picture(32, **lacking))
    put(folder / "series" / "b", picture(33, **lacking, SeriesNumber=4))
    put(folder / "series" / "c", picture(34, **lacking, StudyDate="20210305"))
    put(folder / "series" / "d", picture(35, **lacking, PatientID="QX-99"))


@dataclass
class Ran:
    folder: Path
    outputs: list[Path]

    def case(self, name: str) -> list[dict[str, dict[str, object]]]:
        """The manifest lines of one case, of each run."""
        cut = len(name) + 1
        return [
            {source[cut:]: line for source, line in manifest(output).items() if source.startswith(f"{name}/")}
            for output in self.outputs
        ]

    def dataset(self, line: dict[str, object]) -> Dataset:
        return dcmread(self.outputs[0] / str(line["output"]))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    top = tmp_path_factory.mktemp("copies")
    fill(top / "in")
    settings = quick(top / "site", {"all": "match: {kind: [image, capture]}\n"})
    made = Ran(top / "in", [top / "out1", top / "out2"])
    for workers, output in enumerate(made.outputs, 1):
        run([made.folder], output, replace(settings, workers=workers))
    return made


def codes(line: dict[str, object]) -> list[str]:
    return [str(reason).partition(":")[0] for reason in line["reasons"]]  # type: ignore[attr-defined]


def test_the_number_of_workers_changes_nothing(ran: Ran) -> None:
    one, two = (released(output) for output in ran.outputs)
    assert one == two
    told = [{k: v for k, v in line.items() if k != "seconds"} for output in ran.outputs for line in manifest(output).values()]
    assert all(line in told[: len(told) // 2] for line in told[len(told) // 2 :])


def test_copies_in_any_transfer_syntax_are_one_object(ran: Ran) -> None:
    for lines in ran.case("syntaxes"):
        assert {line["outcome"] for line in lines.values()} == {"released"}
        copies = dict.fromkeys(("deflated", "implicit", "jpegls", "rle", "rle2"), "syntaxes/big")
        assert {name: line["duplicate_of"] for name, line in lines.items()} == {"big": None, **copies}
        assert len({line["output"] for line in lines.values()}) == 1


def test_one_other_sample_makes_them_all_a_conflict(ran: Ran) -> None:
    for lines in ran.case("conflict"):
        assert {name: codes(line) for name, line in lines.items()} == {name: ["uid-conflict"] for name in "abcd"}


def test_a_damaged_copy_is_in_nobodys_way_and_told_by_its_own_reason(ran: Ran) -> None:
    for lines in ran.case("damaged"):
        assert codes(lines["a"]) == ["pixels-truncated"]
        assert (lines["b"]["outcome"], lines["c"]["duplicate_of"]) == ("released", "damaged/b")


@pytest.mark.parametrize("case", NAMELESS)
def test_an_object_without_a_uid_gets_one_from_its_content(ran: Ran, case: str) -> None:
    for lines in ran.case(case):
        assert {line["outcome"] for line in lines.values()} == {"released"}, lines
        assert [lines[name]["duplicate_of"] for name in "abc"] == [None, f"{case}/a", None]
        assert all(line["minted"] == ["SOPInstanceUID"] for line in lines.values())
        for line in (lines["a"], lines["c"]):
            made = ran.dataset(line)
            assert made.SOPInstanceUID == made.file_meta.MediaStorageSOPInstanceUID == Path(str(line["output"])).stem
            assert made.SOPInstanceUID.startswith("2.25.") and made.SOPInstanceUID.is_valid


def test_what_was_made_is_told_in_public_as_well(ran: Ran) -> None:
    told = {line["output"]: line["minted"] for line in map(json.loads, (ran.outputs[0] / "released.jsonl").open())}
    lines = manifest(ran.outputs[0]).values()
    assert told == {line["output"]: line["minted"] for line in lines if line["outcome"] == "released"}


def test_a_uid_in_the_file_meta_information_alone_is_the_objects(ran: Ran) -> None:
    for lines in ran.case("meta"):
        assert (lines["a"]["outcome"], lines["b"]["duplicate_of"], lines["a"]["minted"]) == ("released", "meta/a", [])
    made = ran.dataset(lines["a"])
    assert made.SOPInstanceUID == KEYS.uid(META_UID) and made.SOPClassUID == picture().SOPClassUID


def test_an_object_that_does_not_say_what_it_is_is_told_so(ran: Ran) -> None:
    said = "sop-class-missing: neither data set nor file meta information has a SOP Class UID"
    assert [lines["a"]["reasons"] for lines in ran.case("classless")] == [[said]] * 2


def test_objects_that_lack_the_uids_of_series_and_study_stay_together(ran: Ran) -> None:
    for lines in ran.case("series"):
        assert {line["outcome"] for line in lines.values()} == {"released"}, lines
        assert all(line["minted"] == ["StudyInstanceUID", "SeriesInstanceUID"] for line in lines.values())
        where = {name: Path(str(line["output"])).parts[1:3] for name, line in lines.items()}
        assert where["a1"] == where["a2"]
        assert where["b"][0] == where["a1"][0] and where["b"] != where["a1"]
        assert len({study for study, _ in where.values()}) == 3 and len(set(where.values())) == 4


def test_another_key_makes_other_uids(ran: Ran, tmp_path: Path) -> None:
    for name in NAMELESS:
        shutil.copytree(ran.folder / name, tmp_path / "in" / name)
    settings = quick(tmp_path / "site", {"all": "match: {kind: [image, capture]}\n"})
    run([tmp_path / "in"], tmp_path / "out", replace(settings, keys=Keys(b"\7" * 32)))
    assert not {Path(name).stem for name in released(tmp_path / "out")} & {Path(name).stem for name in released(ran.outputs[0])}


def test_what_belongs_to_no_patient_gets_no_study(tmp_path: Path) -> None:
    palette = Dataset()
    palette.SOPClassUID, palette.ContentLabel = ColorPaletteStorage, "HOT"
    palette.file_meta, palette.preamble = picture().file_meta, bytes(128)
    put(tmp_path / "in" / "palette", palette)
    run([tmp_path / "in"], tmp_path / "out", quick(tmp_path / "site", {"all": "pixels: none\n"}, profile="all"))
    line = manifest(tmp_path / "out")["palette"]
    assert (line["outcome"], line["minted"]) == ("released", ["SOPInstanceUID"]), line


def test_a_copy_that_is_added_later_does_not_take_the_place_of_what_was_released(tmp_path: Path) -> None:
    settings = quick(tmp_path / "site", {"all": "match: {kind: [image, capture]}\n"})
    put(tmp_path / "in" / "b", picture(1))
    run([tmp_path / "in"], tmp_path / "out", settings)
    before = released(tmp_path / "out")
    for name in ("a", "c"):
        put(tmp_path / "in" / name, picture(1), ImplicitVRLittleEndian)
    run([tmp_path / "in"], tmp_path / "out", replace(settings, resume=True))
    lines = manifest(tmp_path / "out")
    assert {name: line["duplicate_of"] for name, line in lines.items()} == {"a": "b", "b": None, "c": "b"}
    assert {line["outcome"] for line in lines.values()} == {"released"} and released(tmp_path / "out") == before
