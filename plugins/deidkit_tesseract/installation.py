"""What this machine has of tesseract: version and languages."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

from deidkit.components import Finding, State

SECONDS = 10


def findings() -> Iterator[Finding]:
    """For ``deidkit doctor``; nothing where the program is not installed, which the component itself says."""
    program = shutil.which("tesseract")
    if program is None:
        return
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=SECONDS, check=False)
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        yield Finding("program", "tesseract", State.ABSENT, "does not answer", "apt-get install --reinstall tesseract-ocr")
        return
    yield Finding("program", "tesseract", State.OK, (version.stdout or version.stderr).partition("\n")[0])
    languages = [line for line in listed.stdout.splitlines()[1:] if line.strip()]
    state = State.OK if "eng" in languages else State.ABSENT
    install = "" if state is State.OK else "apt-get install tesseract-ocr-eng"
    yield Finding("program", "tesseract languages", state, ", ".join(languages) or "none", install)
