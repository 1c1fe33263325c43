"""Truth in one small file an image: YOLO's ``.txt`` and PASCAL VOC's ``.xml``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from deidkit.compare.sheets import Instance, Sheet, instance
from deidkit.errors import ItemError, UsageError
from deidkit.headers.quiet import quiet
from deidkit.interfaces import Format
from deidkit.item import reading
from deidkit.limits import Limits
from deidkit.registry import installed

YOLO_SUFFIX, VOC_SUFFIX, CLASSES = ".txt", ".xml", "classes.txt"
BESIDE = {YOLO_SUFFIX, VOC_SUFFIX, ".json", ".csv", ".yaml", ".html"}
"""Files that lie beside images and are none."""

FRAME = re.compile(r"(.+)\.(\d+)")
BOX_FIELDS = (4, 5)
"""Centre, width and height; some tools add how sure they are."""


def read(truth: Path, folder: Path) -> Iterator[Sheet]:
    """A sheet for each label file below ``truth``.

    Raises:
        UsageError: no image or more than one fits a label file, or an image cannot be read. Also the errors of malformed files.
    """
    labels = [path for path in sorted(truth.rglob("*")) if path.suffix in (YOLO_SUFFIX, VOC_SUFFIX) and path.name != CLASSES]
    images = _Images(folder) if any(path.suffix == YOLO_SUFFIX for path in labels) else None
    for path in labels:
        yield _voc(path, folder) if images is None or path.suffix == VOC_SUFFIX else _yolo(path, images)


class _Images:
    """The images below a folder by their names, with and without the last suffix: UIDs as names seem to have one."""

    def __init__(self, folder: Path) -> None:
        registry = installed()
        self.folder = folder
        self.formats: dict[str, Format] = {name: registry.build("format", name) for name in registry.names("format")}
        self.by_stem: Mapping[str, list[Path]] = defaultdict(list)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix.lower() not in BESIDE:
                for name in {path.stem, path.name}:
                    self.by_stem[name].append(path)

    def of(self, label: Path) -> tuple[Path, int]:
        """The one image of the label file's name, in a folder ``images`` where there are several; A.3.txt is frame 3 of A."""
        framed = FRAME.fullmatch(label.stem)
        stem, frame = (framed[1], int(framed[2])) if framed and label.stem not in self.by_stem else (label.stem, 0)
        found = self.by_stem.get(stem, [])
        found = [path for path in found if path.parent.name == "images"] if len(found) > 1 else found
        if len(found) != 1:
            raise UsageError(f"{len(found)} images fit one YOLO label file; its image must be unique and be there")
        return found[0], frame

    def size(self, path: Path, frame: int) -> tuple[int, int]:
        """(rows, columns)."""
        try:
            with quiet():
                return reading.read(path, self.formats, Limits())[1].frame(frame).shape
        except ItemError as error:
            raise UsageError(f"YOLO's boxes are shares of the image, and one cannot be read ({error.code})") from None


def _yolo(path: Path, images: _Images) -> Sheet:
    image, frame = images.of(path)
    rows, columns = images.size(image, frame)
    classes = path.with_name(CLASSES)
    kinds = classes.read_text(encoding="utf-8-sig").splitlines() if classes.is_file() else []
    instances: list[Instance] = []
    for line in filter(str.strip, path.read_text(encoding="utf-8-sig").splitlines()):
        number, *shares = line.split()
        kind = kinds[int(number)].strip() if int(number) < len(kinds) else "text"
        x0, y0, x1, y1 = _shares([float(share) for share in shares])
        instances.append(instance((x0 * columns, y0 * rows, x1 * columns, y1 * rows), kind))
    return Sheet(image.relative_to(images.folder).as_posix(), tuple(instances), frame)


def _shares(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Corners of a box given by centre and size, or around a polygon."""
    if len(values) not in BOX_FIELDS:
        return around(values)
    x, y, width, height = values[:4]
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def around(polygon: Sequence[float]) -> tuple[float, float, float, float]:
    """Corners of the box around x, y, x, y, ...

    Raises:
        ValueError: fewer than three points, or half of one.
    """
    if len(polygon) < 6 or len(polygon) % 2:
        raise ValueError("not a polygon")
    return min(polygon[::2]), min(polygon[1::2]), max(polygon[::2]), max(polygon[1::2])


def _voc(path: Path, folder: Path) -> Sheet:
    """VOC counts pixels from 1, and both corners belong to the box (Everingham et al., VOC2012 development kit)."""
    text = path.read_text(encoding="utf-8-sig")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UsageError("a VOC file with a document type is refused")
    root = ET.fromstring(text)  # noqa: S314 - entities are refused above
    instances = []
    for item in root.iter("object"):
        x0, y0, x1, y1 = (float(item.findtext(f"bndbox/{name}") or "nan") for name in ("xmin", "ymin", "xmax", "ymax"))
        asked = (item.findtext("difficult") or "0").strip() != "1"
        instances.append(instance((x0 - 1, y0 - 1, x1, y1), item.findtext("name") or "text", asked))
    name = root.findtext("filename") or ""
    nested = (root.findtext("folder") or "") + "/" + name
    frame = int(root.findtext("frame") or 0)
    return Sheet(nested if (folder / nested).is_file() else name, tuple(instances), frame)
