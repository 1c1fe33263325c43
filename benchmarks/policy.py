"""What the policy redacts and keeps of real burned-in text, with detectors and recogniser as a profile would run them.

    python benchmarks/policy.py ../shared/data/images [--detector dbnet --detector rapidocr]

IMAGES holds truth.json: boxes of the first frame, each of kind phi, marker or technical. Detectors find regions, the rapidocr
recogniser reads those that have no text, and the policy decides on all of them, once with nothing to keep and once with every
class kept. An instance is redacted when 85 % of its box is covered by regions that go, and kept when at most 30 % is. What no
detector saw is told apart, since no policy can redact it. Recognised text is never written or printed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deidkit.errors import ItemError
from deidkit.identity.harvest import harvest
from deidkit.image import Array, Box, Frame
from deidkit.imaging.boxes import covered, grow
from deidkit.imaging.separation import give_way
from deidkit.item import reading
from deidkit.keys import Keys
from deidkit.limits import Limits
from deidkit.registry import installed
from deidkit.types import Action, Context, Deadline, Identifiers, Labels, Region

GONE, KEPT = 0.85, 0.30
MARGIN = 3
KEEP = ("marker", "scale", "technical", "anatomy")


@dataclass(frozen=True, slots=True)
class Looked:
    """One image with what was found and read in its first frame."""

    file: str
    shape: tuple[int, int]
    identifiers: Identifiers
    regions: tuple[Region, ...]
    truth: tuple[tuple[str, Box], ...]
    views: tuple[Array, ...]


def look(root: Path, detectors: Sequence[str]) -> Iterator[Looked]:
    registry, limits = installed(), Limits()
    formats = {name: registry.build("format", name) for name in registry.names("format")}
    built = [registry.build("detector", name) for name in detectors]
    reader = registry.build("recogniser", "rapidocr")
    for entry in json.loads((root / "truth.json").read_text()).values():
        counted = [one for one in entry["instances"] if not one.get("logo") and one.get("legible", True)]
        if not counted:
            continue
        try:
            image = reading.read(root / entry["file"], formats, limits)[1]
            frame = image.frame(0)
            regions = _regions(frame, built, reader, _context(image.header))
        except ItemError as error:
            print(f"not read: {entry['file']} {error.code}")
            continue
        views = tuple(frame.view(name) for name in frame.views)
        truth = tuple((str(one["kind"]), tuple(int(side) for side in one["box"])) for one in counted)
        yield Looked(entry["file"], frame.shape, harvest(image.header), regions, truth, views)


def _regions(frame: Frame, detectors: Sequence[Any], reader: Any, context: Context) -> tuple[Region, ...]:
    found = [region for detector in detectors for region in detector.detect([frame], context)[0]]
    return tuple(reader.read(frame, found, context))


def _context(header: Any, identifiers: Identifiers | None = None) -> Context:
    return Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(600), header, identifiers or Identifiers())


def judge(one: Looked, policy: Any) -> Iterator[tuple[str, str, str]]:
    """For every instance its kind, what became of it, and the reasons of the regions on it."""
    decided = policy.decide(one.regions, _context(None, one.identifiers))
    seen = [region.box for region in decided]
    doomed = [region.box for region in give_way(one.views, decided) if region.action is Action.REDACT]
    black = [box for box in (grow(box, MARGIN, one.shape) for box in doomed) if box]
    for kind, box in one.truth:
        touching = [region for region in decided if covered(box, [region.box]) > KEPT]
        reasons = ", ".join(sorted({f"{region.kind}: {region.reason}" for region in touching}))
        share = covered(box, black)
        if covered(box, seen) < 0.5:
            fate = "not detected"
        elif share >= GONE:
            fate = "redacted"
        else:
            fate = "kept" if share <= KEPT else "partly"
        yield kind, fate, reasons


def report(looked: Sequence[Looked], keep: Sequence[str], least: float | None, verbose: bool) -> None:
    options: dict[str, Any] = {"keep": list(keep)} | ({} if least is None else {"min_confidence": least})
    policy = installed().build("policy", "policy", options)
    fates: dict[str, Counter[str]] = {}
    lines = []
    for one in looked:
        for number, (kind, fate, reasons) in enumerate(judge(one, policy)):
            fates.setdefault(kind, Counter())[fate] += 1
            if (kind == "phi") is not (fate == "redacted"):
                lines.append(f"  {one.file} #{number} {kind} {fate} ({reasons})")
    if verbose and keep:
        print("\n".join(lines))
    print(f"keep: {', '.join(keep) or 'nothing'}")
    for kind, row in sorted(fates.items()):
        total, detected = row.total(), row.total() - row["not detected"]
        parts = ", ".join(f"{count} {fate}" for fate, count in row.most_common())
        if kind == "phi":
            shares = f"redacted {row['redacted']} of {total} ({_percent(row['redacted'], total)})"
            shares += (
                f", of those detected {_percent(row['redacted'], detected)}, kept by the policy {row['kept'] + row['partly']}"
            )
        else:
            stay = row["kept"] + row["not detected"]
            shares = f"stay {stay} of {total} ({_percent(stay, total)}), of those detected {_percent(row['kept'], detected)}"
        print(f"  {kind:10s} {shares}   [{parts}]")


def _percent(hits: int, of: int) -> str:
    return f"{100 * hits / max(1, of):.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path)
    parser.add_argument("--detector", action="append", help="may be given several times; default dbnet and rapidocr")
    parser.add_argument("--min-confidence", type=float, help="of the policy")
    parser.add_argument("--verbose", action="store_true", help="name every instance that did not get what it should")
    given = parser.parse_args()
    looked = list(look(given.images, given.detector or ["dbnet", "rapidocr"]))
    print(f"{len(looked)} images with text, {sum(len(one.regions) for one in looked)} regions")
    report(looked, (), given.min_confidence, given.verbose)
    report(looked, KEEP, given.min_confidence, given.verbose)


if __name__ == "__main__":
    main()
