"""Writes the model card that the runtime checks weights against."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deidkit import __version__


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(folder: Path, name: str, files: Iterable[str], facts: Mapping[str, Any]) -> Path:
    """``NAME.card.json`` in ``folder``: hashes of ``files`` there, and ``facts``."""
    card = {
        "name": name,
        "version": facts.get("version", "1"),
        "deidkit": __version__,
        "python": platform.python_version(),
        "files": {file: digest(folder / file) for file in files},
        **{key: value for key, value in facts.items() if key not in {"files", "version"}},
    }
    path = folder / f"{name}.card.json"
    path.write_text(json.dumps(card, indent=1, sort_keys=False) + "\n", "utf-8")
    return path


def data_facts(tiles: Mapping[str, Any]) -> dict[str, Any]:
    """Hash of the pool's manifest and how many images of it each licence has; nothing that names a path."""
    pool = tiles.get("pool")
    if not pool:
        return {"manifest_sha256": None, "backgrounds": "procedural"}
    import csv

    manifest = Path(pool) / "manifest.csv"
    with manifest.open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["has_text"] == "no"]
    counts: dict[str, int] = {}
    for row in rows:
        licence = row.get("licence") or "not stated"
        counts[licence] = counts.get(licence, 0) + 1
    return {"manifest_sha256": digest(manifest), "images": len(rows), "licences": dict(sorted(counts.items()))}
