"""Which weights files a component works with, for the record of a run: said when they are opened, heard by who builds.

``deidkit.inference`` and ``deidkit.runtimes`` say it of all networks that they open; a plugin that opens weights in another way
calls ``note`` while it is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_listening: ContextVar[dict[str, str] | None] = ContextVar("deidkit_weights", default=None)


def note(weights: Mapping[str, str]) -> None:
    """Says that what is being built uses these files.

    Args:
        weights: name of a file, with what runs it where that matters to its answers, -> hexadecimal SHA-256.
    """
    heard = _listening.get()
    if heard is not None:
        heard.update(weights)


@contextmanager
def noted() -> Iterator[dict[str, str]]:
    """Collects what is said in the ``with`` block, and says it once more to a collector around it."""
    heard: dict[str, str] = {}
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)
        note(heard)
