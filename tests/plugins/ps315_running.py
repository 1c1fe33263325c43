"""Runs the scrubber and the sweep on a data set in memory."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pydicom
from pydicom import Dataset

from deidkit.headers.working_copy import working_copy
from deidkit.identity.harvest import harvest
from deidkit.keys import Keys
from deidkit.types import Case, Check, Context, Deadline, HeaderChange, Labels, Status
from deidkit_ps315.options import Ps315Options, SweepOptions
from deidkit_ps315.scrub.scrubber import Ps315
from deidkit_ps315.sweep.verifier import Sweep

KEYS = Keys(bytes(range(32)))
CLEAN = ["descriptors", "structured_content", "graphics"]


def context_of(header: Dataset) -> Context:
    return Context(Labels(), "base", ("rapidocr",), KEYS, Deadline.after(120), header, harvest(header))


def reread(header: Dataset) -> Dataset:
    """As it comes from a file: raw elements, which is what the scrubber gets in a run."""
    return pydicom.dcmread(io.BytesIO(written(header)))


def scrubbed(header: Dataset, **options: Any) -> tuple[Dataset, list[HeaderChange]]:
    after = working_copy(header)
    return after, Ps315(Ps315Options(**options)).scrub(after, context_of(header))


def written(header: Dataset) -> bytes:
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def swept(before: Dataset, after: Dataset, changes: list[HeaderChange], path: Path) -> list[Check]:
    path.write_bytes(written(after))
    sides = cast(Any, (SimpleNamespace(header=before), SimpleNamespace(header=pydicom.dcmread(path))))
    return Sweep(SweepOptions()).verify(Case(*sides, path, {}, {}, tuple(changes), context_of(before)))


def failures(checks: list[Check]) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in checks if check.status is Status.FAILED]


def holds(raw: bytes, value: str) -> bool:
    """Whether ``value`` is in ``raw`` in any usual encoding, letters without regard to case."""
    folded = raw.lower()
    forms = {value, value.lower(), value.upper()}
    coded = {form.encode(codec, "ignore").lower() for form in forms for codec in ("utf-8", "latin-1", "utf-16-le")}
    return any(code in folded for code in coded if code)
