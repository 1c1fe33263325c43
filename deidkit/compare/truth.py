"""Where the text really is: one Sheet an image, from deidkit's own truth.json, COCO, YOLO, PASCAL VOC or Presidio's JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from deidkit.errors import UsageError
from deidkit.types import Box

YOLO_SUFFIX = ".txt"
VOC_SUFFIX = ".xml"


@dataclass(frozen=True, slots=True)
class Instance:
    """One piece of text. ``counted`` is false for what nobody is asked to find: logos and what a person cannot read."""

    box: Box
    kind: str = "text"
    counted: bool = True
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One image with its truth; ``name`` is its path relative to the folder that is compared on."""

    name: str = field(repr=False)
    instances: tuple[Instance, ...]
    frame: int = 0
    modality: str = "unknown"


def read(truth: Path, folder: Path) -> list[Sheet]:
    """All sheets of a truth file, or of a folder of YOLO ``.txt`` or VOC ``.xml`` files, sorted by name.

    Raises:
        UsageError: not one of the known forms, or it names an image that ``folder`` lacks.
    """
    try:
        sheets = list(_folder(truth, folder) if truth.is_dir() else _file(truth))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ET.ParseError) as error:
        raise UsageError(f"the truth cannot be read as any known form ({type(error).__name__})") from None
    absent = [sheet for sheet in sheets if not (folder / sheet.name).is_file()]
    if absent:
        raise UsageError(f"the truth names {len(absent)} images that are not in the folder")
    if not sheets:
        raise UsageError("the truth names no image")
    return sorted(sheets, key=lambda sheet: sheet.name)


def _file(path: Path) -> Iterator[Sheet]:
    data = json.loads(path.read_text(encoding="utf-8"))
    if "images" in data and "annotations" in data:
        return _coco(data)
    first: Any = next(iter(data.values()), [])
    return _presidio(data) if isinstance(first, list) else _deidkit(data)


def _deidkit(data: dict[str, Any]) -> Iterator[Sheet]:
    for entry in data.values():
        instances = tuple(
            Instance(
                _box(*item["box"]),
                item.get("kind", "text"),
                not item.get("logo", False) and item.get("legible", True),
                bool(item.get("low_contrast", False)),
            )
            for item in entry["instances"]
        )
        yield Sheet(entry["file"], instances, entry.get("truth_frame") or 0, entry.get("modality") or "unknown")


def _coco(data: dict[str, Any]) -> Iterator[Sheet]:
    kinds = {category["id"]: category["name"] for category in data.get("categories", [])}
    boxes: dict[Any, list[Instance]] = {image["id"]: [] for image in data["images"]}
    for item in data["annotations"]:
        x, y, width, height = item["bbox"]
        boxes[item["image_id"]].append(Instance(_box(x, y, x + width, y + height), kinds.get(item["category_id"], "text")))
    for image in data["images"]:
        yield Sheet(image["file_name"], tuple(boxes[image["id"]]))


def _presidio(data: dict[str, Any]) -> Iterator[Sheet]:
    for name, items in data.items():
        boxes = [_box(i["left"], i["top"], i["left"] + i["width"], i["top"] + i["height"]) for i in items]
        yield Sheet(name, tuple(Instance(box, "phi") for box in boxes))


def _folder(truth: Path, folder: Path) -> Iterator[Sheet]:
    readers: dict[str, Callable[[Path, Path], Sheet]] = {YOLO_SUFFIX: _yolo, VOC_SUFFIX: _voc}
    for path in sorted(truth.rglob("*")):
        if path.suffix in readers and path.name != "classes.txt":
            yield readers[path.suffix](path, folder)


def _yolo(path: Path, folder: Path) -> Sheet:
    from PIL import Image

    matches = [found for found in folder.rglob(path.stem + ".*") if found.suffix not in (YOLO_SUFFIX, VOC_SUFFIX)]
    if len(matches) != 1:
        raise UsageError(f"{len(matches)} images fit one YOLO label file; its image must be unique and be there")
    with Image.open(matches[0]) as image:
        width, height = image.size
    classes = path.with_name("classes.txt")
    kinds = classes.read_text(encoding="utf-8").split() if classes.is_file() else []
    instances = []
    for line in path.read_text(encoding="ascii").splitlines():
        number, x, y, w, h = line.split()[:5]
        cx, cy, hw, hh = float(x) * width, float(y) * height, float(w) * width / 2, float(h) * height / 2
        kind = kinds[int(number)] if int(number) < len(kinds) else "text"
        instances.append(Instance(_box(cx - hw, cy - hh, cx + hw, cy + hh), kind))
    return Sheet(matches[0].relative_to(folder).as_posix(), tuple(instances))


def _voc(path: Path, folder: Path) -> Sheet:
    text = path.read_text(encoding="utf-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UsageError("a VOC file with a document type is refused")
    root = ET.fromstring(text)  # noqa: S314 - entities are refused above
    instances = []
    for item in root.iter("object"):
        corners = [float(item.findtext(f"bndbox/{name}") or "nan") for name in ("xmin", "ymin", "xmax", "ymax")]
        instances.append(Instance(_box(*corners), item.findtext("name") or "text"))
    name = root.findtext("filename") or ""
    nested = (root.findtext("folder") or "") + "/" + name
    return Sheet(nested if (folder / nested).is_file() else name, tuple(instances))


def _box(x0: float, y0: float, x1: float, y1: float) -> Box:
    return round(x0), round(y0), round(x1), round(y1)
