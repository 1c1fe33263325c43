"""Writes a set of scenes, over several processes, with their truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from deidkit.errors import EnvironmentFault, UsageError
from deidkit.image import Array
from deidkit_synth.backgrounds import DICOM_SUFFIX, Source, read_pool
from deidkit_synth.fonts import FontBank, Origin, enough, find_faces, font_folders, install_line
from deidkit_synth.identity import check_locale
from deidkit_synth.options import SceneOptions
from deidkit_synth.phantoms import HELD_OUT_KINDS, KINDS
from deidkit_synth.scenes import Scene, SceneMaker
from deidkit_synth.stored import write_dicom
from deidkit_synth.truth_files import WRITERS, Record

IMAGES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", DICOM_SUFFIX}
"""Suffixes of backgrounds."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to write. ``held_out`` uses the font families, backgrounds and phantoms that training never sees."""

    folder: Path
    options: SceneOptions
    seed: int = 0
    suffix: str = ".png"
    strokes: bool = False
    held_out: bool = False
    pool: Path | None = None
    backgrounds: Path | None = None
    fonts: Origin = "all"


def maker(order: Order) -> SceneMaker:
    """The scene maker of an order.

    Raises:
        EnvironmentFault: too few usable fonts, or Faker is asked for and missing. UsageError: Faker does not know
        the locale, or there is no image among the given backgrounds.
    """
    if order.options.locale:
        check_locale(order.options.locale)
    faces = find_faces(font_folders(order.fonts), order.held_out)
    if not enough(faces, order.held_out):
        raise EnvironmentFault(install_line(order.held_out))
    kinds = HELD_OUT_KINDS if order.held_out else KINDS
    grey = order.suffix == DICOM_SUFFIX and order.options.photometric not in ("RGB", "YBR_FULL")
    return SceneMaker(order.options, FontBank(faces), _sources(order), kinds, order.seed, grey)


def _sources(order: Order) -> list[Source]:
    if order.pool is not None:
        return read_pool(order.pool, "test" if order.held_out else "train")
    if order.backgrounds is None:
        return []
    paths = [path for path in sorted(order.backgrounds.rglob("*")) if path.suffix.lower() in IMAGES]
    if not paths:
        raise UsageError("the folder of backgrounds holds no PNG, JPEG, TIFF or .dcm file")
    return [Source(path, path.stem, "given") for path in paths]


def write_share(order: Order, indices: Sequence[int]) -> list[Record]:
    """Writes the scenes of ``indices`` and returns their records."""
    cv2.setNumThreads(1)
    make = maker(order)
    return [record for index in indices for record in _write(order, make.make(index))]


def _write(order: Order, scene: Scene) -> Iterator[Record]:
    stem = f"{scene.index:06}"
    name = f"images/{stem}{order.suffix}"
    if order.suffix == DICOM_SUFFIX:
        write_dicom(scene, order.options, order.folder / name)
    for i, truth in enumerate(scene.frames):
        if order.suffix != DICOM_SUFFIX:
            name = f"images/{stem}{order.suffix}" if len(scene.frames) == 1 else f"images/{stem}_{i:03}{order.suffix}"
            _save(order.folder / name, truth.image)
        if order.strokes:
            ink = truth.stroke if truth.seen is None else truth.seen
            _save(order.folder / "strokes" / f"{stem}_{i}.png", ink * 255)
        rows, columns = truth.region.shape
        frame, frames = (i, len(scene.frames)) if order.suffix == DICOM_SUFFIX else (0, 1)
        yield Record(name, frame, rows, columns, scene.background, tuple(truth.instances), frames, scene.left_out[i])


def _save(path: Path, image: Array) -> None:
    pixels = image if image.ndim == 2 else image[..., ::-1]
    if not cv2.imwrite(str(path), pixels):
        raise OSError("an image of the set cannot be written")


def write_set(order: Order, count: int, formats: Iterable[str], workers: int) -> list[Record]:
    """Writes ``count`` scenes below ``order.folder`` and the truth in ``formats``; the same files for any number of workers.

    Raises:
        UsageError: the folder holds files already or cannot be made. Also what ``maker`` raises.
    """
    maker(order)
    _make_room(order)
    processes = _processes(workers) if workers > 1 else None
    if processes is None:
        parts = [write_share(order, range(count))]
    else:
        with processes as pool:
            parts = list(pool.map(partial(write_share, order), [range(i, count, workers) for i in range(workers)]))
    records = sorted((r for part in parts for r in part), key=lambda r: (r.file, r.frame))
    for name in formats:
        WRITERS[name](records, order.folder)
    facts = {"seed": order.seed, "count": count, "held_out": order.held_out, "options": order.options.model_dump(mode="json")}
    (order.folder / "set.json").write_text(json.dumps(facts, indent=1))
    return records


def _processes(workers: int) -> ProcessPoolExecutor | None:
    """None where the system has no semaphores, as in a container without /dev/shm; one process writes the same files."""
    try:
        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    except (OSError, ImportError, NotImplementedError):
        return None


def _make_room(order: Order) -> None:
    try:
        if order.folder.exists() and any(path.is_file() for path in order.folder.rglob("*")):
            raise UsageError("the output folder is not empty; files of another set would be counted with this one")
        for part in ("images", "strokes") if order.strokes else ("images",):
            (order.folder / part).mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError("the output folder cannot be made") from None


def contact_sheet(scenes: Iterable[Scene], across: int = 4, side: int = 300) -> Array:
    """Scenes side by side with their boxes drawn, (rows, columns, 3) uint8 RGB."""
    cells: list[Array] = []
    for scene in scenes:
        truth = scene.frames[0]
        image = truth.image.copy()
        for instance in truth.instances:
            x0, y0, x1, y1 = instance.box
            cv2.rectangle(image, (x0 - 1, y0 - 1), (x1, y1), (0, 255, 0) if instance.legible else (255, 0, 0), 1)
        factor = side / max(image.shape[:2])
        small = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        cell = np.zeros((side, side, 3), np.uint8)
        cell[: small.shape[0], : small.shape[1]] = small[:side, :side]
        cells.append(cell)
    cells += [np.zeros((side, side, 3), np.uint8)] * (-len(cells) % across)
    return np.vstack([np.hstack(cells[i : i + across]) for i in range(0, len(cells), across)])
