"""Derives the data files of this folder from their sources. Run by hand when an edition changes; the results are committed.

    python make_tables.py PS315_DIR

``PS315_DIR`` holds PS3.15 2025e Annex E as JSON: ``ps315_table_e1_1_2025e.json`` (Table E.1-1),
``ps315_safe_private_2025e.json`` (Table E.3.10-1), ``ps315_sr_content_items_2025e.json`` (Table E.3.4-1). The IOD and module
tables (PS3.3) come from the installed highdicom (MIT licence), which exports them from the standard's DocBook source.

Writes ``e1_1.tsv``, ``safe_private.tsv``, ``sr_concepts.tsv`` and ``iods.json.gz``.
"""

from __future__ import annotations

import gzip
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydicom.datadict import tag_for_keyword

HERE = Path(__file__).parent
REQUIRED = {"1", "1C", "2", "2C"}
STRICTNESS = ("1", "1C", "2", "2C", "3")

Tree = dict[str, Any]


def main(source: Path) -> None:
    table = json.loads((source / "ps315_table_e1_1_2025e.json").read_text("utf-8"))
    columns = ["tag", "name", "retired", *table["meta"]["columns"]]
    _write("e1_1.tsv", columns, [[_cell(row[column]) for column in columns] for row in table["rows"]])
    private = json.loads((source / "ps315_safe_private_2025e.json").read_text("utf-8"))
    _write("safe_private.tsv", private["columns"][:3], [row[:3] for row in private["rows"]])
    concepts = json.loads((source / "ps315_sr_content_items_2025e.json").read_text("utf-8"))
    _write("sr_concepts.tsv", concepts["columns"], concepts["rows"])
    _write_iods()


def _cell(value: Any) -> str:
    return {None: "", True: "Y", False: ""}.get(value, str(value))


def _write(name: str, columns: list[str], rows: list[list[str]]) -> None:
    lines = ["\t".join(columns)] + ["\t".join(" ".join(cell.split()) for cell in row) for row in rows]
    (HERE / name).write_text("\n".join(lines) + "\n", "utf-8")


def _write_iods() -> None:
    spec = find_spec("highdicom")
    if spec is None or spec.origin is None:
        raise SystemExit("highdicom is not installed")
    standard = Path(spec.origin).parent / "_standard"
    modules, iods, classes = (
        json.loads((standard / f"{name}.json").read_text("utf-8"))
        for name in ("module_attribute_map", "iod_module_map", "sop_class_iod_map")
    )
    pool: list[Tree] = []
    seen: dict[str, int] = {}
    used = {module["key"] for parts in iods.values() for module in parts}
    trees = {name: _pooled(_tree(modules[name]), pool, seen) for name in sorted(used & set(modules))}
    data = {
        "classes": classes,
        "iods": {iod: [[part["key"], part["usage"]] for part in parts if part["key"] in trees] for iod, parts in iods.items()},
        "modules": trees,
        "pool": pool,
    }
    text = json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
    (HERE / "iods.json.gz").write_bytes(gzip.compress(text, 9, mtime=0))


def _tree(attributes: list[dict[str, Any]]) -> Tree:
    """Tag -> [type, subtree]; where one tag is listed several times the strictest type counts."""
    root: Tree = {}
    for attribute in attributes:
        node = root
        for keyword in attribute["path"]:
            node = node.setdefault(_tag(keyword), ["3", {}])[1]
        entry = node.setdefault(_tag(attribute["keyword"]), ["3", {}])
        entry[0] = min(entry[0], attribute["type"] or "3", key=STRICTNESS.index)
    return _pruned(root)


def _tag(keyword: str) -> str:
    tag = tag_for_keyword(keyword)
    return f"{tag:08X}" if tag is not None else keyword


def _pruned(node: Tree) -> Tree:
    """Without what is neither required nor leads to anything required, nor known to the dictionary."""
    kept: Tree = {}
    for tag, (kind, below) in node.items():
        children = _pruned(below)
        if len(tag) == 8 and (kind in REQUIRED or children):
            kept[tag] = [kind, children]
    return kept


def _pooled(node: Tree, pool: list[Tree], seen: dict[str, int]) -> int:
    """The number of this subtree in ``pool``, where equal subtrees are kept once."""
    compact = {tag: [kind, _pooled(below, pool, seen)] if below else kind for tag, (kind, below) in sorted(node.items())}
    key = json.dumps(compact, sort_keys=True)
    if key not in seen:
        seen[key] = len(pool)
        pool.append(compact)
    return seen[key]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
