"""Damaged and hostile files with canaries in every carrier, through `deidkit run`: is one lost, a process dead, a canary out?

    python benchmarks/fuzz.py --files 2000 --seed 1 [--write docs/benchmarks.md] [--keep FOLDER]

Profiles for objects with and without pixels are used, each with the basic profile of PS3.15 and with cleaned texts and shifted
dates. The detector is the catalogue, which redacts a box in half of the images: the way from reading to verdict is the real
one, but nothing is read in pixels. No canary is drawn in them.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "tests" / "plugins")]

import fuzz_dicom
import fuzz_raster
from dicom_objects import COLUMNS, ROWS
from fuzz_canaries import DAMAGED, Canaries, found
from fuzz_mutations import BYTES, mutated
from pydicom import dcmread

from deidkit.keys import new_key_file

BATCH = 500
CRASHES = ("internal-error", "process-died", "out-of-memory", "time-limit", "input-output")
"""Codes of reasons that no file should be able to cause."""
TRACEBACK = re.compile(rb"Traceback \(most recent call last\)|Segmentation fault|panicked at")

PROFILE = """\
profile: {name}
schema_version: 1
pixels: {pixels}
{detect}scrub: [{{use: ps315{options}}}]
verify: [{verify}{{use: sweep}}]
limits: {{stage_seconds: 60}}
"""
DETECT = """\
detect: [{{use: catalog, options: {{ultrasound: ignore, builtin: false, catalogues: [{catalogue}]}}}}]
decide: {{use: policy}}
redact: {{use: blackbox}}
"""
CLEANED = ", options: {clean: [descriptors, structured_content, graphics], dates: shift, retain: [safe_private]}"
CATALOGUE = f"""\
catalogue_version: 1
signatures:
- name: dicom
  source: benchmark
  rows: {ROWS}
  columns: {COLUMNS}
  when: {{attribute: InstanceNumber, equals: ['{fuzz_dicom.EDITED}']}}
  boxes: [[8, 8, 60, 24]]
- name: raster
  source: benchmark
  rows: {fuzz_raster.ROWS}
  columns: {fuzz_raster.EDITED_COLUMNS}
  when: {{attribute: Modality, present: false}}
  boxes: [[8, 8, 40, 24]]
"""


@dataclass
class File:
    """One input: its path below the input folder, what was done to it, and which canaries are in it for certain."""

    path: str
    kind: str
    mutations: list[str]
    planted: set[int]
    anonymous: bool = False
    whole_words: bool = False
    """Bits Stored is gone or another, so that what was planted in unused bits lies in samples, which every viewer shows."""
    """Whether a mutation has hit the element that says whom the canaries of KNOWN name."""


@dataclass
class Result:
    """What came of all batches."""

    files: list[File] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    leaks: Counter[str] = field(default_factory=Counter)


def write_inputs(folder: Path, canaries: Canaries, numbers: Sequence[int], seed: int, *, pixels: bool) -> list[File]:
    """Writes the files of one batch below names that hold canaries as well."""
    shapes, files = fuzz_dicom.Shapes(), []
    for number in numbers:
        rng = Random(f"{seed} {number}")
        raster = pixels and rng.random() < 0.3
        made = (
            fuzz_raster.make(canaries, number, rng) if raster else fuzz_dicom.make(shapes, canaries, number, rng, pixels=pixels)
        )
        data = mutated(made, canaries, number, rng)
        suffix = made.kind if isinstance(made, fuzz_raster.RasterPieces) else "dcm"
        path = folder / canaries.word("folder name", number) / f"{canaries.word('file name', number)}.{suffix}"
        path.parent.mkdir()
        path.write_bytes(data)
        names = set(range(len(canaries.places) - 2, len(canaries.places)))
        files.append(File(path.relative_to(folder).as_posix(), suffix, made.changed, (found(data) - {DAMAGED}) | names))
        if isinstance(made, fuzz_dicom.Pieces):
            files[-1].anonymous = names_of(data) != made.known
            files[-1].whole_words = bits_stored(data) != fuzz_dicom.STORED
    return files


def names_of(data: bytes) -> list[str]:
    """The family names in Other Patient Names, as pydicom reads them."""
    return [str(name).partition("^")[0] for name in _value(data, "OtherPatientNames") or ()]


def bits_stored(data: bytes) -> object:
    """Bits Stored, as pydicom reads it."""
    return _value(data, "BitsStored")


def _value(data: bytes, keyword: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dcmread(io.BytesIO(data), stop_before_pixels=True, force=True).get(keyword)
    except Exception:  # damaged headers raise whatever they like
        return None


def write_profile(folder: Path, *, pixels: bool, cleaned: bool) -> Path:
    name = f"{'pixels' if pixels else 'headers'}-{'cleaned' if cleaned else 'basic'}"
    (folder / "catalogue.yaml").write_text(CATALOGUE)
    path = folder / f"{name}.yaml"
    detect = DETECT.format(catalogue=folder / "catalogue.yaml") if pixels else ""
    equality = "{use: equality}, " if pixels else ""
    options = CLEANED if cleaned else ""
    path.write_text(
        PROFILE.format(name=name, pixels="redact" if pixels else "none", detect=detect, options=options, verify=equality)
    )
    return path


def run_batch(folder: Path, profile: Path, workers: int) -> subprocess.CompletedProcess[bytes]:
    command = ["run", folder / "in", "--output", folder / "out", "--profile", profile, "--key", folder / "key"]
    arguments = [sys.executable, "-m", "deidkit", *map(str, command), "--workers", str(workers), "--json"]
    return subprocess.run(arguments, capture_output=True, check=False)


def written(output: Path, done: subprocess.CompletedProcess[bytes]) -> Iterator[tuple[str, bytes]]:
    """Everything that a run wrote or printed, by place; private records without the names of the inputs, which they hold."""
    yield "standard output", done.stdout
    yield "standard error", done.stderr
    yield "names of outputs", "\n".join(path.relative_to(output).as_posix() for path in output.rglob("*")).encode()
    for path in sorted(output.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            private = "private" in path.relative_to(output).parts and path.suffix in (".json", ".jsonl")
            yield path.relative_to(output).as_posix(), _unnamed(data) if private else data


def _unnamed(data: bytes) -> bytes:
    return re.sub(rb'"(source|duplicate_of)": ?"(?:[^"\\]|\\.)*"', b'"": ""', data)


def judge(
    result: Result, files: Sequence[File], output: Path, done: subprocess.CompletedProcess[bytes], canaries: Canaries
) -> None:
    lines = (output / "private" / "manifest.jsonl").read_text().splitlines() if (output / "private").is_dir() else []
    records = {record["source"]: record for record in map(json.loads, lines)}
    if done.returncode not in (0, 3) or TRACEBACK.search(done.stdout + done.stderr):
        result.crashed.append(f"the run ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
    released = {path.relative_to(output).as_posix() for path in (output / "released").rglob("*") if path.is_file()}
    outputs = {}
    for file in files:
        record = records.get(file.path)
        outcome = record["outcome"] if record else "lost"
        result.outcomes[file.path] = outcome
        if (
            record is None
            or outcome not in ("released", "quarantined", "skipped")
            or (record["output"] or "") not in {"", *released}
        ):
            result.lost.append(f"{file.kind} {file.mutations}: {outcome}")
            continue
        outputs[record["output"]] = file
        for reason in record["reasons"]:
            result.reasons[reason.partition(": ")[0]] += 1
            if reason.startswith(CRASHES):
                result.crashed.append(f"{file.kind} {file.mutations}: {reason}")
    _search(result, outputs, output, done, canaries)


def _search(
    result: Result, outputs: dict[str, File], output: Path, done: subprocess.CompletedProcess[bytes], canaries: Canaries
) -> None:
    for place, data in written(output, done):
        for number in found(data):
            carrier, by = canaries.carrier(number), outputs.get(place)
            if by is not None and _is_nobody(by, carrier, number):
                continue
            result.leaks[carrier] += 1
            where = f"{by.kind} {by.mutations} {by.path}" if by else ""
            result.leaked.append(f"{carrier} in {place.split('/')[0]} {where}")


def _is_nobody(file: File, carrier: str, number: int) -> bool:
    """Whether a mutation has made a canary one that names nobody any more."""
    damaged = number == DAMAGED and bool({*file.mutations} & {*BYTES})
    if carrier in fuzz_dicom.WORDS and file.whole_words:
        return True
    return damaged or (file.anonymous and carrier in fuzz_dicom.KNOWN)


def fuzz(folder: Path, count: int, seed: int, batch: int = BATCH, workers: int = 2) -> tuple[Result, Canaries]:
    """Makes ``count`` files, three of four with pixels, in batches, runs each batch and judges what it wrote."""
    canaries, result = Canaries(), Result()
    for index, start in enumerate(range(0, count, batch)):
        pixels, cleaned = index % 4 != 3, index % 2 == 1
        here = folder / str(index)
        (here / "in").mkdir(parents=True)
        new_key_file(here / "key")
        files = write_inputs(here / "in", canaries, range(start, min(start + batch, count)), seed, pixels=pixels)
        done = run_batch(here, write_profile(here, pixels=pixels, cleaned=cleaned), workers)
        result.files += files
        judge(result, files, here / "out", done, canaries)
    return result, canaries


def tables(result: Result, canaries: Canaries) -> str:
    """Two tables in Markdown: by carrier, and by mutation."""
    planted: Counter[str] = Counter()
    out: Counter[str] = Counter()
    for file in result.files:
        names = {canaries.carrier(number) for number in file.planted}
        planted.update(names)
        if result.outcomes[file.path] == "released":
            out.update(names)
    lines = ["| carrier | planted in files | of which released | canaries found |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {planted[name]} | {out[name]} | {result.leaks[name]} |" for name in sorted({*planted, *result.leaks})
    ]
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for file in result.files:
        for name in file.mutations:
            by[name][result.outcomes[file.path]] += 1
    lines += ["", "| mutation | files | released | held back |", "|---|---|---|---|"]
    for name, counts in sorted(by.items()):
        lines.append(f"| {name} | {counts.total()} | {counts['released']} | {counts.total() - counts['released']} |")
    return "\n".join(lines) + "\n"


def summary(result: Result) -> str:
    released = sum(outcome == "released" for outcome in result.outcomes.values())
    return (
        f"{len(result.files)} files, {released} released, {len(result.lost)} lost, {len(result.crashed)} crashed, "
        f"{len(result.leaked)} canaries found"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="an empty folder to work in and to leave as it is")
    parser.add_argument("--write", type=Path, help="a page with the marks <!-- fuzz --> and <!-- end of fuzz -->")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        result, canaries = fuzz(options.keep or Path(scratch), options.files, options.seed, workers=options.workers)
    for line in (*result.lost, *result.crashed, *result.leaked):
        print(line)
    print(result.reasons.most_common())
    print(tables(result, canaries))
    print(summary(result))
    if options.write:
        page = options.write.read_text()
        head, rest = page.split("<!-- fuzz -->\n")
        tail = rest.split("<!-- end of fuzz -->\n")[1]
        text = f"Seed {options.seed}: {summary(result)}.\n\n{tables(result, canaries)}"
        options.write.write_text(f"{head}<!-- fuzz -->\n\n{text}\n<!-- end of fuzz -->\n{tail}")
    return 1 if result.lost or result.crashed or result.leaked else 0


if __name__ == "__main__":
    sys.exit(main())
