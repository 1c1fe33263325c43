"""The contracts that every detector and every redactor keeps, built in or not."""

from __future__ import annotations

import pytest

from deidkit.testing import installed
from deidkit.testing.contracts import DetectorContract, RedactorContract

pytestmark = pytest.mark.deidkit_plugins("example")


class TestMargin(DetectorContract):
    phantoms = ("us", "ct", "mr")

    @pytest.fixture
    def component(self):
        return installed().build("detector", "example_margin")


class TestFill(RedactorContract):
    @pytest.fixture
    def component(self):
        return installed().build("redactor", "example_fill")
