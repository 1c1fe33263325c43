"""Says where an object lost what it was made for: nobody should have to find out by opening it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from deidkit.types import Check, HeaderChange, Status

CONTENT = {
    "(0040,A730)": "structured content",
    "(3006,0026)": "names of structures",
    "(0042,0011)": "encapsulated document",
    "(0070,0001)": "graphic annotations",
}
"""Elements that are the content of objects. Nested ones go with the outermost."""
GONE = frozenset("XZD")
SINGLE_ITEMS = "E.3.4-1"
"""The table by which single content items go while the others stay."""


def removed(changes: Iterable[HeaderChange]) -> list[Check]:
    """A warning where content was removed or replaced as a whole; nothing where all of it was cleaned or kept."""
    found: Counter[str] = Counter()
    for change in changes:
        head, _, tag = change.path.rpartition(".")
        if tag in CONTENT and tag not in head and change.action in GONE and change.source != SINGLE_ITEMS:
            found[CONTENT[tag]] += 1
    if not found:
        return []
    detail = f"removed as a whole: {', '.join(sorted(found))}"
    return [Check("content-removed", Status.WARNED, detail, {name: float(count) for name, count in sorted(found.items())})]
