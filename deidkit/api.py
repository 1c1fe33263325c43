"""The Python interface, for notebooks and other programs. It does what the commands do and prints nothing."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from deidkit.batch.worker import Spec
from deidkit.errors import ItemError, UsageError
from deidkit.headers.quiet import quiet
from deidkit.interfaces import Detector, Format
from deidkit.item import reading
from deidkit.item.engine import Engine
from deidkit.item.task import Task, companion_path
from deidkit.keys import NO_KEYS, Keys, load_key_file
from deidkit.limits import Limits
from deidkit.records import Outcome
from deidkit.registry import installed
from deidkit.types import Context, Deadline, Labels, Region


@dataclass(frozen=True, slots=True)
class Found:
    """The regions that a detector found in one frame of one file.

    Regions may contain recognised text. Never write it to an output. ``shape`` is (rows, columns) of the frame.
    """

    path: Path = field(repr=False)
    frame: int | None
    regions: tuple[Region, ...] = ()
    reason: str | None = None
    shape: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The result of de-identifying one data set or file.

    ``dataset`` is the new data set, or None if it was not released. ``outcome`` holds the reasons, and the names that a run
    would give below released/. ``companions`` are further objects that belong to the release, for example the segmentation of
    generated pixels. ``dataset, outcome = deidentify(...)`` unpacks the first two.
    """

    dataset: Dataset | None = field(repr=False)
    outcome: Outcome
    companions: tuple[Dataset, ...] = field(default=(), repr=False)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.dataset, self.outcome))


def deidentify(
    source: Dataset | Path | str, *, profile: str | None = None, key: Keys | Path | str, folders: Sequence[Path] = ()
) -> Deidentified:
    """De-identify one DICOM data set or file in this process.

    Args:
        source: a data set, which is not changed, or the path of a DICOM file.
        profile: name or file of a profile. None selects the profile by the labels of the file.
        key: a site key or the path of its file.
        folders: folders with profiles of the site, strongest first.

    Raises:
        UsageError, EnvironmentFault: as ``deidkit.run``.
    """
    engine = _engine(_keys(key), profile, tuple(folders))
    with TemporaryDirectory(prefix="deidkit-") as folder, quiet():
        path = Path(folder) / "input" if isinstance(source, Dataset) else Path(source)
        if isinstance(source, Dataset):
            _write(source, path)
        made = Path(folder) / "output"
        answer = engine.process(Task(0, path, made))
        outcome = Outcome.of(answer)
        if outcome.outcome != "released":
            return Deidentified(None, outcome)
        return Deidentified(dcmread(made), outcome, tuple(dcmread(companion_path(made)) for _ in outcome.companions))


def _write(source: Dataset, path: Path) -> None:
    """Writes a data set as a Part 10 file, whatever its file meta information lacks; native where nothing says otherwise."""
    written = copy.copy(source)
    written.file_meta = FileMetaDataset(getattr(source, "file_meta", {}))
    written.preamble = bytes(128)
    if "TransferSyntaxUID" not in written.file_meta and None in source.original_encoding:
        written.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dcmwrite(path, written)


def verify(
    before: Path, after: Path, *, key: Keys | Path | str, profile: str | None = None, folders: Sequence[Path] = ()
) -> Outcome:
    """Run the verifiers of a profile on a pair of files. Any tool may have made ``after``.

    Raises:
        UsageError, EnvironmentFault: as ``deidkit.run``.
    """
    return Outcome.of(_engine(_keys(key), profile, tuple(folders)).compare(Path(before), Path(after)))


def detect(paths: Iterable[Path], detector: str, options: Mapping[str, Any] | None = None) -> Iterator[Found]:
    """Run one detector on every frame of every file.

    Yields:
        One Found for each frame. For a file that cannot be read to its end, one Found with ``reason`` and without a frame.

    Raises:
        UsageError: no detector has this name. EnvironmentFault: a requirement of the detector is missing on this machine.
    """
    registry = installed()
    if registry.find("detector", detector) is None:
        raise UsageError(f"there is no detector {detector!r}; there are: {', '.join(registry.names('detector'))}")
    built: Detector = registry.build("detector", detector, options)
    formats: dict[str, Format] = {name: registry.build("format", name) for name in registry.names("format")}
    for path in paths:
        yield from _detect_file(path, built, formats)


def _detect_file(path: Path, detector: Detector, formats: Mapping[str, Format]) -> Iterator[Found]:
    limits = Limits()
    try:
        with quiet():
            _, image = reading.read(path, formats, limits)
            for frame in image.frames():
                context = Context(Labels(), "none", (), NO_KEYS, Deadline.after(limits.stage_seconds), image.header)
                yield Found(path, frame.index, tuple(detector.detect([frame], context)[0]), shape=frame.shape)
    except ItemError as error:
        yield Found(path, None, reason=str(error))
    except OSError:
        yield Found(path, None, reason="input-output: the file cannot be read")


def _keys(key: Keys | Path | str) -> Keys:
    return key if isinstance(key, Keys) else load_key_file(Path(key))


@functools.lru_cache(maxsize=8)
def _engine(keys: Keys, profile: str | None, folders: tuple[Path, ...]) -> Engine:
    return Spec(keys, profile, folders).engine()
