"""Contract tests: one abstract class per kind of component, inherited by the tests of built-in and third-party plugins alike.

    from deidkit.testing.contracts import DetectorContract

    class TestMine(DetectorContract):
        recall = 0.95

        @pytest.fixture
        def component(self):
            return MyDetector(MyOptions())

The fixtures they use come from ``deidkit.testing.pytest_plugin``, which pytest finds by itself.
"""

from __future__ import annotations

from deidkit.testing.contracts.base import Contract
from deidkit.testing.contracts.classifier import ClassifierContract
from deidkit.testing.contracts.detector import DetectorContract
from deidkit.testing.contracts.format import FormatContract
from deidkit.testing.contracts.policy import PolicyContract
from deidkit.testing.contracts.recogniser import RecogniserContract
from deidkit.testing.contracts.redactor import RedactorContract
from deidkit.testing.contracts.scrubber import ScrubberContract
from deidkit.testing.contracts.tagger import TaggerContract
from deidkit.testing.contracts.verifier import SABOTAGES, VerifierContract

BY_KIND: dict[str, type[Contract]] = {
    contract.kind: contract
    for contract in (
        FormatContract,
        ClassifierContract,
        DetectorContract,
        RecogniserContract,
        PolicyContract,
        RedactorContract,
        ScrubberContract,
        VerifierContract,
        TaggerContract,
    )
}

__all__ = [
    "BY_KIND",
    "SABOTAGES",
    "ClassifierContract",
    "Contract",
    "DetectorContract",
    "FormatContract",
    "PolicyContract",
    "RecogniserContract",
    "RedactorContract",
    "ScrubberContract",
    "TaggerContract",
    "VerifierContract",
]
