"""Where the text really is: one Sheet a frame, from deidkit's own truth.json, COCO, YOLO, PASCAL VOC or Presidio's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from deidkit.compare import labels
from deidkit.compare.sheets import Instance, Sheet, instance
from deidkit.errors import UsageError

MALFORMED = (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, ET.ParseError)


def read(truth: Path, folder: Path) -> list[Sheet]:
    """All sheets of a truth file, or of a folder of YOLO ``.txt`` or VOC ``.xml`` files, sorted by name and frame.

    Raises:
        UsageError: not one of the known forms, or it names an image that ``folder`` lacks.
    """
    try:
        sheets = list(labels.read(truth, folder) if truth.is_dir() else _file(truth))
        absent = sum(not (folder / sheet.name).is_file() for sheet in sheets)
    except MALFORMED as error:
        raise UsageError(f"the truth cannot be read as any known form ({type(error).__name__})") from None
    if absent:
        raise UsageError(f"the truth names {absent} images that are not in the folder")
    if not sheets:
        raise UsageError("the truth names no image")
    return sorted(sheets, key=lambda sheet: (sheet.name, sheet.frame))


def _file(path: Path) -> Iterator[Sheet]:
    data = json.loads(path.read_text(encoding="utf-8-sig"))
    if "images" in data and "annotations" in data:
        return _coco(data)
    first: Any = next(iter(data.values()), [])
    return _presidio(data) if isinstance(first, list) else _deidkit(data)


def _deidkit(data: Mapping[str, Any]) -> Iterator[Sheet]:
    for entry in data.values():
        instances = tuple(
            instance(
                tuple(item["box"]),
                item.get("kind", "text"),
                not item.get("logo", False) and item.get("legible", True),
                bool(item.get("low_contrast", False)),
            )
            for item in entry["instances"]
        )
        yield Sheet(entry["file"], instances, entry.get("truth_frame") or 0, entry.get("modality") or "unknown")


def _coco(data: Mapping[str, Any]) -> Iterator[Sheet]:
    """Crowds are regions that nobody is asked to find one by one. ``frame`` of an image is an addition of ``deidkit synth``."""
    kinds = {category["id"]: category["name"] for category in data.get("categories", [])}
    found: dict[Any, list[Instance]] = {image["id"]: [] for image in data["images"]}
    for item in data["annotations"]:
        kind = kinds.get(item.get("category_id"), "text")
        found[item["image_id"]].append(instance(_coco_corners(item), kind, not item.get("iscrowd")))
    for image in data["images"]:
        yield Sheet(image["file_name"], tuple(found[image["id"]]), image.get("frame") or 0)


def _coco_corners(item: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """From ``bbox``, else around the polygons of ``segmentation``.

    Raises:
        UsageError: neither is there.
    """
    if "bbox" in item:
        x, y, width, height = item["bbox"]
        return x, y, x + width, y + height
    polygons = item.get("segmentation")
    if not isinstance(polygons, list) or not any(polygons):
        raise UsageError("an annotation of the COCO file has neither bbox nor polygons")
    return labels.around([value for polygon in polygons for value in polygon])


def _presidio(data: Mapping[str, Any]) -> Iterator[Sheet]:
    for name, items in data.items():
        corners = ((i["left"], i["top"], i["left"] + i["width"], i["top"] + i["height"]) for i in items)
        yield Sheet(name, tuple(instance(four, "phi") for four in corners))
