"""Truth in the formats that others read: deidkit's own JSON, CSV, PASCAL VOC, YOLO and COCO."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from deidkit_synth.paint import Instance

CLASSES = ("identity", "marker", "scale", "technical")


@dataclass(frozen=True, slots=True)
class Record:
    """One frame of one written file. ``file`` is relative to the set's folder."""

    file: str
    frame: int
    rows: int
    columns: int
    background: str
    instances: tuple[Instance, ...]
    frames: int = 1
    """How many frames the file has."""

    left_out: int = 0
    """Lines of the frame's patient and items that found no room or no font."""

    def stem(self) -> str:
        """Name of the file's label in forms that have one a frame: the image's own, for frames of one file NAME.FRAME."""
        return Path(self.file).stem + (f".{self.frame:03}" if self.frames > 1 else "")


def _entry(instance: Instance) -> dict[str, object]:
    return {
        "box": list(instance.box),
        "text": instance.text,
        "kind": instance.kind,
        "size": instance.size,
        "contrast": round(instance.contrast, 4),
        "rotated": bool(instance.angle),
        "mirrored": instance.mirrored,
        "legible": instance.legible,
    }


def write_json(records: Sequence[Record], root: Path) -> None:
    """``truth.json``: file#frame -> size and instances; boxes [x0, y0, x1, y1], half open, in stored pixels."""
    truth = {
        f"{r.file}#{r.frame}": {
            "file": r.file,
            "truth_frame": r.frame,
            "width": r.columns,
            "height": r.rows,
            "modality": r.background,
            "instances": [_entry(i) for i in r.instances],
        }
        for r in records
    }
    (root / "truth.json").write_text(json.dumps(truth, ensure_ascii=False, indent=1), "utf-8")


def write_csv(records: Sequence[Record], root: Path) -> None:
    """``truth.csv``: one line an instance."""
    with (root / "truth.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "frame", "x0", "y0", "x1", "y1", "kind", "size", "contrast", "legible", "text"])
        for r in records:
            for i in r.instances:
                writer.writerow([r.file, r.frame, *i.box, i.kind, i.size, f"{i.contrast:.4f}", int(i.legible), i.text])


def write_voc(records: Sequence[Record], root: Path) -> None:
    """``voc/NAME.xml``: PASCAL VOC, 1-based inclusive corners; ``frame`` is an addition for files of several frames."""
    (root / "voc").mkdir(exist_ok=True)
    for r in records:
        top = ET.Element("annotation")
        ET.SubElement(top, "filename").text = r.file
        if r.frames > 1:
            ET.SubElement(top, "frame").text = str(r.frame)
        size = ET.SubElement(top, "size")
        for key, value in (("width", r.columns), ("height", r.rows), ("depth", 3)):
            ET.SubElement(size, key).text = str(value)
        for i in r.instances:
            one = ET.SubElement(top, "object")
            ET.SubElement(one, "name").text = i.kind
            ET.SubElement(one, "difficult").text = str(int(not i.legible))
            box = ET.SubElement(one, "bndbox")
            for key, corner in zip(
                ("xmin", "ymin", "xmax", "ymax"), (i.box[0] + 1, i.box[1] + 1, i.box[2], i.box[3]), strict=True
            ):
                ET.SubElement(box, key).text = str(corner)
        ET.ElementTree(top).write(root / "voc" / f"{r.stem()}.xml", encoding="utf-8")


def write_yolo(records: Sequence[Record], root: Path) -> None:
    """``yolo/NAME.txt``: class, centre x and y, width, height as shares of the image; ``yolo/classes.txt``.

    The form cannot say that nobody could read an instance.
    """
    (root / "yolo").mkdir(exist_ok=True)
    (root / "yolo" / "classes.txt").write_text("\n".join(CLASSES) + "\n")
    for r in records:
        lines = []
        for i in r.instances:
            x0, y0, x1, y1 = i.box
            shares = ((x0 + x1) / 2 / r.columns, (y0 + y1) / 2 / r.rows, (x1 - x0) / r.columns, (y1 - y0) / r.rows)
            lines.append(" ".join([str(CLASSES.index(i.kind)), *(f"{v:.6f}" for v in shares)]))
        (root / "yolo" / f"{r.stem()}.txt").write_text("".join(f"{line}\n" for line in lines))


def write_coco(records: Sequence[Record], root: Path) -> None:
    """``coco.json``: images, annotations with [x, y, width, height], categories."""
    images: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for number, r in enumerate(records):
        images.append({"id": number, "file_name": r.file, "frame": r.frame, "width": r.columns, "height": r.rows})
        for i in r.instances:
            x0, y0, x1, y1 = i.box
            box = [x0, y0, x1 - x0, y1 - y0]
            notes.append(
                {
                    "id": len(notes),
                    "image_id": number,
                    "category_id": CLASSES.index(i.kind),
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(not i.legible),
                }
            )
    categories = [{"id": i, "name": name} for i, name in enumerate(CLASSES)]
    (root / "coco.json").write_text(json.dumps({"images": images, "annotations": notes, "categories": categories}), "utf-8")


WRITERS: dict[str, Callable[[Sequence[Record], Path], None]] = {
    "json": write_json,
    "csv": write_csv,
    "voc": write_voc,
    "yolo": write_yolo,
    "coco": write_coco,
}
