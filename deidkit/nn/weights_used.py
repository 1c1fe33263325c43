"""Which weights files a component works with, for the record of a run: said when they are opened, heard by who builds.

The runtimes of ``deidkit.nn`` say it of all networks that they open. A plugin that opens weights in another way calls ``note``
while it is built, or when it uses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_listening: ContextVar[dict[str, str] | None] = ContextVar("deidkit_weights", default=None)


def note(weights: Mapping[str, str]) -> None:
    """Says that what is being built uses these files.

    Args:
        weights: name of a file, with what runs it where that matters to its answers, -> hexadecimal SHA-256. Of two files of
            one name the second is told with the start of its hash. Folders, which may name people, are left out.
    """
    heard = _listening.get()
    if heard is not None:
        for path, digest in weights.items():
            name = path.replace("\\", "/").rpartition("/")[2]
            heard[name if heard.get(name, digest) == digest else f"{name} {digest[:8]}"] = digest


@contextmanager
def noted(onward: bool = True) -> Iterator[dict[str, str]]:
    """Collects what is said in the ``with`` block by this thread.

    Args:
        onward: say it to a collector around this one too, unless the block fails. A component that may never use what it
            builds keeps it to itself, and says it when it does.
    """
    heard: dict[str, str] = {}
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)
    if onward:
        note(heard)
