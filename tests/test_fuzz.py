"""A few of the files of benchmarks/fuzz.py: none is lost, none crashes a process, no canary gets out.

And the benchmark would tell: its search finds what is hidden, and a run that releases a file as it is gets caught.
"""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
import sys
import zlib
from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(Path(__file__).parent / "plugins")]

import fuzz  # noqa: E402
from fuzz_canaries import Canaries, found  # noqa: E402
from fuzz_mutations import NAMES  # noqa: E402

pytestmark = pytest.mark.timeout(900)
FILES, BATCH, SEED = 320, 80, 20


def test_nothing_is_lost_nothing_crashes_and_no_canary_gets_out(tmp_path: Path) -> None:
    result, canaries = fuzz.fuzz(tmp_path, FILES, SEED, BATCH)
    assert (result.lost, result.crashed, result.leaked) == ([], [], [])
    released = [file for file in result.files if result.outcomes[file.path] == "released"]
    assert len(result.files) == FILES and len(released) > FILES / 4
    assert {name for file in result.files for name in file.mutations} == {*NAMES}
    carriers = Counter(canaries.carrier(number) for file in released for number in file.planted)
    assert len(carriers) > 80


@pytest.mark.parametrize(
    "hide",
    [
        lambda word: word.encode(),
        lambda word: word.lower().encode("utf-16-le"),
        lambda word: b"\0" + word.encode("utf-16-be"),
        lambda word: base64.b64encode(f"Patient {word}".encode()),
        lambda word: word.encode().hex().encode(),
        lambda word: zlib.compress(b"for " + word.encode()),
        lambda word: b"".join(f"{word} ".encode()[i : i + 2][::-1] for i in range(0, len(word), 2)),
        lambda word: b"".join(struct.pack("<2H", (b >> 4) << 12 | 77, (b & 15) << 12 | 55) for b in word.encode()),
    ],
)
def test_the_search_finds_what_is_hidden(hide: object) -> None:
    canaries = Canaries()
    words = [canaries.word("a", 0) for _ in range(1500)]
    assert found(b"\x07" * 40 + hide(words[1203]) + b"\x07" * 40) == {1203}  # type: ignore[operator]
    assert found(bytes(range(256)) * 40) == set()
    assert found(f"UI {canaries.uid('b', 0)}".encode()) == {1500}


def test_a_file_that_is_released_as_it_came_is_told(tmp_path: Path) -> None:
    canaries, result = Canaries(), fuzz.Result()
    (tmp_path / "in").mkdir()
    (tmp_path / "out" / "private").mkdir(parents=True)
    (tmp_path / "out" / "released").mkdir()
    files = fuzz.write_inputs(tmp_path / "in", canaries, range(6), SEED, pixels=True)
    lines = []
    for number, file in enumerate(files[:4]):
        shutil.copyfile(tmp_path / "in" / file.path, tmp_path / "out" / "released" / str(number))
        reasons = '["internal-error: KeyError in scrub at x.py:1"]' if number == 3 else "[]"
        lines.append(f'{{"source":"{file.path}","outcome":"released","output":"released/{number}","reasons":{reasons}}}')
    (tmp_path / "out" / "private" / "manifest.jsonl").write_text("\n".join(lines))
    done = subprocess.CompletedProcess([], 1, b"", files[4].path.encode() + b"Traceback (most recent call last):")
    fuzz.judge(result, files, tmp_path / "out", done, canaries)
    assert len(result.lost) == 2 and len(result.crashed) == 2
    assert {line.split(" in ")[-1].split()[0] for line in result.leaked} >= {"released", "standard"}
