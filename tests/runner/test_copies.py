"""The same object twice is one object, whatever it was written in.

All cases lie in one input, a folder each, and are run by one worker and by two.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import manifest, released
from headers_only import picture, quick
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from deidkit.keys import Keys
from deidkit.pipeline import run

KEYS = Keys(bytes(range(32)))
SYNTAXES = {
    "big": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "jpegls": JPEGLSLossless,
    "rle": RLELossless,
}


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
