"""Hypothesis without deadlines (machines are shared), pytester for tests of the contracts, tesseract where it is."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("deidkit", deadline=None)
settings.load_profile("deidkit")


NEEDS_TESSERACT = {"with_tesseract", "program_is_there"}
"""Fixtures that fail without the tesseract program. On continuous integration they shall; elsewhere the test is skipped."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.environ.get("CI") or shutil.which("tesseract"):
        return
    absent = pytest.mark.skip(reason="the tesseract program is not installed: apt-get install tesseract-ocr")
    for item in items:
        if NEEDS_TESSERACT & set(getattr(item, "fixturenames", ())):
            item.add_marker(absent)
