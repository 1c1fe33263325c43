"""What every tagger promises."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from deidkit.testing.contracts.base import Contract

KINDS = {"name", "id", "date", "time", "place", "contact", "institution", "device", "uid"}
TEXTS = (
    "Dr. Philippa Abernathy saw Mr Ottokar Quackenbush at St Gwendolyn Hospital on 14.10.2014.",
    "CT abdomen with contrast, portal venous phase",
    "Umlaute: Jürgen Müller, Universitätsklinik Würzburg",
    "名前 山田 太郎",
    " ",
    "",
    "\x1b[31m\n\t" * 50,
)


class TaggerContract(Contract):
    """Spans lie inside the text and have known kinds; same in, same out.

    ``finds`` maps texts to parts that have to lie inside its spans.
    """

    kind = "tagger"
    finds: ClassVar[dict[str, tuple[str, ...]]] = {TEXTS[0]: ("Abernathy", "Quackenbush")}

    @pytest.mark.parametrize("text", TEXTS)
    def test_spans_lie_inside(self, component: Any, text: str) -> None:
        spans = component.tag(text)
        for start, end, kind in spans:
            assert 0 <= start < end <= len(text)
            assert kind in KINDS
        assert list(component.tag(text)) == list(spans), "not the same twice"

    def test_finds_what_it_is_for(self, component: Any) -> None:
        for text, parts in self.finds.items():
            spans = component.tag(text)
            for part in parts:
                place = text.index(part)
                inside = any(start <= place and place + len(part) <= end for start, end, _ in spans)
                assert inside, "a part of the text that has to be found was not"
