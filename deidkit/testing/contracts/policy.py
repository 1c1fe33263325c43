"""What every policy promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import pytest

from deidkit.testing.contracts.base import Contract, assert_private
from deidkit.testing.phantoms import Phantom, make
from deidkit.types import Action, Context, Region


def regions_saying(*texts: str | None) -> list[Region]:
    return [
        Region((10, 10 + 30 * n, 200, 30 + 30 * n), 0.9, "truth", text=text, text_score=0.95) for n, text in enumerate(texts)
    ]


class PolicyContract(Contract):
    """Every region is decided, none is moved; this patient's identifiers and what nobody could read are always redacted."""

    kind = "policy"
    phantom_name: ClassVar[str] = "us"

    def seen(self) -> Sequence[Phantom]:
        return [make(self.phantom_name)]

    def variants(self, phantom: Phantom) -> list[str]:
        """Ways in which a picture may show who the patient is."""
        family, _, given = str(phantom.dataset.PatientName).partition("^")
        birth = phantom.dataset.PatientBirthDate
        return [
            f"{family}, {given}",
            f"{given} {family}".upper(),
            family,
            family.lower(),
            phantom.dataset.PatientID,
            f"ID: {phantom.dataset.PatientID}",
            f"{birth[6:]}.{birth[4:6]}.{birth[:4]}",
            f"{birth[:4]}-{birth[4:6]}-{birth[6:]}",
            family.upper().replace("I", "1").replace("O", "0"),
        ]

    def test_boxes_and_order_stay_and_all_are_decided(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        regions = regions_saying(*self.variants(phantom), "5.0 MHz", "L", None, "")
        answer = component.decide(regions, context(phantom.dataset))
        assert [region.box for region in answer] == [region.box for region in regions]
        for region in answer:
            assert region.action in (Action.KEEP, Action.REDACT)
            assert region.kind and region.reason, "every decision has a class and a reason"

    def test_no_regions_no_answer(self, component: Any, context: Callable[..., Context]) -> None:
        assert component.decide([], context()) == []

    def test_this_patient_is_always_redacted(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        texts = self.variants(phantom)
        answer = component.decide(regions_saying(*texts), context(phantom.dataset))
        kept = [number for number, region in enumerate(answer) if region.action is not Action.REDACT]
        assert not kept, f"variants {kept} of the patient's identifiers were kept"

    @pytest.mark.parametrize("text", [None, "", "   "])
    def test_what_nobody_read_is_redacted(self, component: Any, context: Callable[..., Context], text: str | None) -> None:
        assert component.decide(regions_saying(text), context())[0].action is Action.REDACT

    def test_reasons_hold_no_text(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        answer = component.decide(regions_saying(*self.variants(phantom)), context(phantom.dataset))
        assert_private("\n".join(f"{region.kind} {region.reason}" for region in answer), phantom)

    def test_same_in_same_out(self, component: Any, context: Callable[..., Context]) -> None:
        phantom = self.seen()[0]
        regions = regions_saying(*self.variants(phantom), "PORTABLE", "12 cm")
        told = context(phantom.dataset)
        assert component.decide(regions, told) == component.decide(regions, told)
