"""Whether what deidkit releases is as conformant as what it was given. Run: python benchmarks/conformance.py [FOLDER ...]

Every DICOM file below the folders, by default the test files in the wheel of pydicom, goes through `deidkit run`, with pixels
and without under a profile of its own. dciodvfy (dicom3tools) must find no error in a released file that it does not find in
the input, and dcmdump (dcmtk) and gdcmdump (GDCM) must open it. Pixels are not looked at: the catalogue knows few devices.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pydicom
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from deidkit.keys import new_key_file

DUMPERS = ("dcmdump", "gdcmdump")
PROFILES = {
    "headers": "pixels: none\nscrub: [{use: ps315}]\nverify: [{use: sweep}]\n",
    "pixels": (
        "detect: [{use: catalog}]\ndecide: {use: policy}\nredact: {use: blackbox}\n"
        "scrub: [{use: ps315}]\nverify: [{use: equality}, {use: sweep}]\n"
    ),
}


@dataclass
class Findings:
    """``errors``: each new error of dciodvfy with the number of files; ``unopened``: what a program could not open."""

    released: int = 0
    held: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    unopened: list[str] = field(default_factory=list)


def files_below(folders: Sequence[Path]) -> list[Path]:
    """All that may be DICOM: with the prefix, or without any suffix that says otherwise."""
    paths = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in paths if path.suffix not in {".py", ".pyc", ".txt", ".json", ".md", ".csv"}]


def errors(path: Path) -> set[str]:
    """What dciodvfy finds wrong, without values and numbers of items."""
    done = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, errors="replace", check=False)
    lines = (line for line in done.stderr.splitlines() if line.startswith("Error"))
    return {re.sub(r"<[^>]*?>|\[\d+\]|\d{5,}|'.*?'|\(0x[0-9a-f,]+\)|\"[^\"]*\"", "", line) for line in lines}


def judged(path: Path, folder: Path) -> set[str]:
    """The errors of a file as dciodvfy can read it: inflated, and with the SOP class that its meta information names.

    deidkit adds that class, so that dciodvfy would find errors in the output that it could not look for in the input.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = pydicom.dcmread(path, force=True)
        deflated = held.file_meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian
        named = held.file_meta.get("MediaStorageSOPClassUID")
        if not deflated and ("SOPClassUID" in held or not named):
            return errors(path)
        held.SOPClassUID = held.get("SOPClassUID") or named
        if deflated:
            held.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        held.save_as(folder / "judged.dcm")
    return errors(folder / "judged.dcm")


def released(inputs: Path, work: Path, kind: str) -> Iterator[tuple[str, Path | None, str]]:
    """Runs one profile; each input's name with its output, or with the code that held it back."""
    (work / f"{kind}.yaml").write_text(f"profile: conformance-{kind}\nschema_version: 1\n{PROFILES[kind]}")
    arguments = [inputs, "--output", work / kind, "--profile", work / f"{kind}.yaml", "--key", work / "key", "--workers", 2]
    subprocess.run([sys.executable, "-m", "deidkit", "run", *map(str, arguments)], capture_output=True, check=False)
    for line in (work / kind / "private" / "manifest.jsonl").read_text().splitlines():
        record = json.loads(line)
        code = record["reasons"][0].partition(": ")[0] if record["reasons"] else record["outcome"]
        yield record["source"], work / kind / record["output"] if record["output"] else None, code


def sweep(paths: Sequence[Path]) -> Findings:
    found = Findings()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "in").mkdir()
        new_key_file(work / "key")
        for number, path in enumerate(paths):
            shutil.copyfile(path, work / "in" / f"{number}-{path.name}")
        seen: dict[str, list[tuple[Path | None, str]]] = {}
        for kind in PROFILES:
            for source, output, code in released(work / "in", work, kind):
                seen.setdefault(source, []).append((output, code))
        for source, results in seen.items():
            output = next((output for output, _ in results if output is not None), None)
            if output is None:
                found.held[next((code for _, code in results if code != "profile-mismatch"), "profile-mismatch")] += 1
                continue
            found.released += 1
            found.errors.update(judged(output, work) - judged(work / "in" / source, work))
            for program in DUMPERS:
                if subprocess.run([program, output], capture_output=True, check=False).returncode:
                    found.unopened.append(f"{program} {source.partition('-')[2]}")
    return found


def main() -> int:
    folders = [Path(name) for name in sys.argv[1:]] or [Path(pydicom.__file__).parent / "data"]
    found = sweep(files_below(folders))
    print(f"{found.released} released, held back: {dict(found.held.most_common())}")
    for line, count in found.errors.most_common():
        print(f"new in {count}: {line}")
    for line in found.unopened:
        print(f"not opened: {line}")
    return 1 if found.errors or found.unopened else 0


if __name__ == "__main__":
    sys.exit(main())
