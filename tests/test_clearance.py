"""Text that goes gives way to text that stays, and never shows more than what the other's box holds."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deidkit.clearance import give_way, overlap
from deidkit.regions import covered, rasterise
from deidkit.types import Action, Array, Box, Region


def page(*lines: tuple[str, int], columns: int = 200) -> Array:
    """Lines of text, each with its baseline."""
    made = np.full((120, columns), 20, np.uint8)
    for text, base in lines:
        cv2.putText(made, text, (10, base), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    return made


def goes(box: Box) -> Region:
    return Region(box, 0.9, "test", "identity", Action.REDACT)


def stays(box: Box) -> Region:
    return Region(box, 0.9, "test", "technical", Action.KEEP, text="Gain 12", text_score=0.95)


def test_the_line_above_ends_where_the_one_below_begins() -> None:
    view = page(("MILLER", 30), ("Gain 12", 48))
    name, gain = give_way(view, [goes((5, 14, 100, 42)), stays((5, 33, 100, 56))])
    assert name.box[:3] == (5, 14, 100) and 31 <= name.box[3] <= 37
    assert gain.box == (5, 33, 100, 56)
    assert not (view[name.box[3] : 42] > 100)[:, :5].any()


def test_the_line_below_begins_where_the_one_above_ends() -> None:
    view = page(("Gain 12", 30), ("MILLER", 48))
    name = give_way(view, [goes((5, 25, 100, 56)), stays((5, 14, 100, 38))])[0]
    assert name.box[3] == 56 and 31 <= name.box[1] <= 37


def test_a_descender_in_the_way_keeps_the_box_whole() -> None:
    view = page(("Mgjpqy", 30))
    view[33:50, 20:22] = 230
    box = (5, 14, 100, 50)
    assert give_way(view, [goes(box), stays((5, 30, 100, 60))])[0].box[3] > 49 or not (view[48:50] > 100).any()
    view[18:50, 20:22] = 230
    assert give_way(view, [goes(box), stays((5, 33, 100, 60))])[0].box == box


def test_ink_beside_the_kept_box_never_comes_into_view() -> None:
    view = page(("MILLER", 30), ("Gain", 48))
    cv2.putText(view, "ANNA", (110, 48), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    box = (5, 14, 190, 52)
    assert give_way(view, [goes(box), stays((5, 33, 60, 56))])[0].box == box


def test_side_by_side_and_one_inside_the_other_stay_as_they_are() -> None:
    view = page(("MILLER 12", 30))
    for kept in ((60, 14, 120, 36), (20, 18, 60, 30)):
        assert give_way(view, [goes((5, 14, 100, 36)), stays(kept)])[0].box == (5, 14, 100, 36)
    assert not overlap([goes((5, 14, 50, 36)), stays((60, 14, 90, 36))])
    assert not overlap([goes((5, 14, 50, 36)), goes((5, 14, 50, 36))])


def test_a_doubtful_reading_or_a_box_of_two_lines_makes_nobody_give_way() -> None:
    view = page(("MILLER", 30), ("Gain 12", 48))
    name, gain = goes((5, 14, 100, 42)), stays((5, 33, 100, 56))
    assert give_way(view, [name, replace(gain, text_score=0.7)])[0] == name
    assert give_way(view, [name, replace(gain, box=(5, 33, 100, 86))])[0] == name


boxes = st.tuples(st.integers(0, 150), st.integers(0, 90), st.integers(5, 50), st.integers(5, 30)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(boxes, min_size=1, max_size=4), st.lists(boxes, max_size=4), st.integers(0, 2**32 - 1))
def test_what_comes_into_view_lies_in_a_kept_box_or_is_flat(going: list[Box], staying: list[Box], seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = page(("MILLER ANNA", 30), ("Gain 12", 48), ("12.04.1961", 66), ("50 mm", 84))
    view += rng.integers(0, 4, view.shape, np.uint8)
    before = [*map(goes, going), *map(stays, staying)]
    after = give_way(view, before)
    freed = rasterise(going, (120, 200)) & ~rasterise(
        [region.box for region in after if region.action is Action.REDACT], (120, 200)
    )
    bare = freed & ~rasterise(staying, (120, 200))
    assert not (np.abs(np.diff(view.astype(int), axis=1))[bare[:, 1:] & bare[:, :-1]] > 12).any()
    for old, new in zip(before, after, strict=True):
        middle = (old.box[1] + old.box[3]) // 2
        assert covered(new.box, [old.box]) == 1.0
        assert old.action is Action.KEEP or new.box[1] <= middle < new.box[3]
