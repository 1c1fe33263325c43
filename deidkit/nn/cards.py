"""Networks from weights files that were checked before anything read them: SHA-256, card, format; one thread each.

A weights file is ONNX or safetensors, never a pickle, because unpickling runs whatever the file says. Beside it lies its
model card ``NAME.card.json``: every file of the model with its SHA-256, how it was made and what it reached.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from deidkit.errors import EnvironmentFault

Tensor = NDArray[np.float32]
MOST_BYTES = 1 << 30
_PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"PK\x03\x04", b"(lp", b"(dp", b"c__builtin__")


class Network(Protocol):
    """A loaded network. ``digest`` is the hexadecimal SHA-256 of the weights file."""

    @property
    def digest(self) -> str: ...

    def run(self, batch: Tensor) -> list[Tensor]:
        """Outputs, in the network's own order, for one float32 batch (n, channels, rows, columns)."""


@dataclass(frozen=True, slots=True)
class Card:
    """A model card. ``files`` maps a file name beside the card to its SHA-256; ``facts`` is all that the card says."""

    name: str
    version: str
    files: Mapping[str, str]
    facts: Mapping[str, Any] = field(repr=False)
    folder: Path = field(repr=False)


def load_card(path: Path) -> Card:
    """Reads ``NAME.card.json``.

    Raises:
        EnvironmentFault: missing, not JSON, or without name, version and a SHA-256 per file.
    """
    try:
        facts = json.loads(path.read_text("utf-8"))
        files = {str(name): str(digest).lower() for name, digest in facts["files"].items()}
        card = Card(str(facts["name"]), str(facts["version"]), files, facts, path.parent)
    except OSError:
        raise EnvironmentFault(f"the model card {path.name} is missing or cannot be read") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EnvironmentFault(f"the model card {path.name} is not a card: it needs name, version and files") from None
    if not all(len(digest) == 64 for digest in files.values()):
        raise EnvironmentFault(f"the model card {path.name} lacks the SHA-256 of a file")
    return card


def checked_bytes(card: Card, name: str) -> bytes:
    """The content of a weights file, once it is what the card says and no pickle.

    Raises:
        EnvironmentFault: not on the card, missing, another SHA-256, a pickle, or neither ONNX nor safetensors.
    """
    if name not in card.files or Path(name).name != name:
        raise EnvironmentFault(f"the model card of {card.name} does not name {name}")
    path = card.folder / name
    if path.suffix not in {".onnx", ".safetensors"}:
        raise EnvironmentFault(f"{name} is refused: weights are .onnx or .safetensors, never pickles")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EnvironmentFault(f"{name} is larger than any weights file of deidkit")
        content = path.read_bytes()
    except OSError:
        raise EnvironmentFault(f"the weights {name} are missing or cannot be read") from None
    if hashlib.sha256(content).hexdigest() != card.files[name]:
        raise EnvironmentFault(f"{name} is not the file that its model card describes: another SHA-256")
    _check_format(name, content)
    return content


def _check_format(name: str, content: bytes) -> None:
    if content.startswith(_PICKLED):
        raise EnvironmentFault(f"{name} is a pickle under another name and is refused unread")
    if name.endswith(".safetensors"):
        size = int.from_bytes(content[:8], "little")
        good = len(content) > 8 and size <= len(content) - 8 and content[8:9] == b"{"
    else:
        good = content[:1] == b"\x08"
    if not good:
        raise EnvironmentFault(f"{name} does not look like what its suffix says")
