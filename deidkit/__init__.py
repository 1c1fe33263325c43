"""deidkit de-identifies the pixels and headers of medical images and verifies the result."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deidkit.api import Deidentified, deidentify, detect, verify
    from deidkit.batch.runner import Settings, plan, run
    from deidkit.keys import Keys, load_key_file, new_key_file

__version__ = "0.1.0"

__all__ = [
    "Deidentified",
    "Keys",
    "Settings",
    "__version__",
    "deidentify",
    "detect",
    "load_key_file",
    "new_key_file",
    "plan",
    "run",
    "verify",
]

_HOMES = {
    "deidkit.api": ("Deidentified", "deidentify", "detect", "verify"),
    "deidkit.keys": ("Keys", "load_key_file", "new_key_file"),
    "deidkit.batch.runner": ("Settings", "plan", "run"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'deidkit' has no attribute {name!r}")
