"""Text that goes gives way to text that stays, and never shows more than what the other's box holds."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deidkit.image import Array, Box
from deidkit.imaging.boxes import covered, rasterise
from deidkit.imaging.separation import give_way, overlap
from deidkit.types import Action, Region


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
    name, gain = give_way([view], [goes((5, 14, 100, 42)), stays((5, 33, 100, 56))])
    assert name.box[:3] == (5, 14, 100) and 31 <= name.box[3] <= 37
    assert gain.box == (5, 33, 100, 56)
    assert not (view[name.box[3] : 42] > 100)[:, :5].any()


def test_the_line_below_begins_where_the_one_above_ends() -> None:
    view = page(("Gain 12", 30), ("MILLER", 48))
    name = give_way([view], [goes((5, 25, 100, 56)), stays((5, 14, 100, 38))])[0]
    assert name.box[3] == 56 and 31 <= name.box[1] <= 37


def test_a_descender_in_the_way_keeps_the_box_whole() -> None:
    view = page(("Mgjpqy", 30))
    view[33:50, 20:22] = 230
    box = (5, 14, 100, 50)
    assert give_way([view], [goes(box), stays((5, 30, 100, 60))])[0].box[3] > 49 or not (view[48:50] > 100).any()
    view[18:50, 20:22] = 230
    assert give_way([view], [goes(box), stays((5, 33, 100, 60))])[0].box == box


def test_ink_beside_the_kept_box_never_comes_into_view() -> None:
    view = page(("MILLER", 30), ("Gain", 48))
    cv2.putText(view, "ANNA", (110, 48), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    box = (5, 14, 190, 52)
    assert give_way([view], [goes(box), stays((5, 33, 60, 56))])[0].box == box


def test_side_by_side_and_one_inside_the_other_stay_as_they_are() -> None:
    view = page(("MILLER 12", 30))
    for kept in ((60, 14, 120, 36), (20, 18, 60, 30)):
        assert give_way([view], [goes((5, 14, 100, 36)), stays(kept)])[0].box == (5, 14, 100, 36)
    assert not overlap([goes((5, 14, 50, 36)), stays((60, 14, 90, 36))])
    assert not overlap([goes((5, 14, 50, 36)), goes((5, 14, 50, 36))])


def test_a_doubtful_reading_or_a_box_of_two_lines_makes_nobody_give_way() -> None:
    view = page(("MILLER", 30), ("Gain 12", 48))
    name, gain = goes((5, 14, 100, 42)), stays((5, 33, 100, 56))
    assert give_way([view], [name, replace(gain, text_score=0.7)])[0] == name
    assert give_way([view], [name, replace(gain, box=(5, 33, 100, 86))])[0] == name


def test_ink_that_only_another_view_or_another_colour_shows_counts() -> None:
    view = page(("Dr. A", 30), ("Gain 12", 58))
    hidden = np.full_like(view, 255)
    cv2.putText(hidden, "MILLER", (100, 58), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 100, 1, cv2.LINE_AA)
    box, gain = (5, 10, 190, 52), stays((5, 42, 85, 64))
    assert give_way([view], [goes(box), gain])[0].box != box
    assert give_way([view, hidden], [goes(box), gain])[0].box == box
    colour = np.full((*view.shape, 3), (0, 130, 0), np.uint8)
    colour[view > 100] = 255
    red = np.zeros_like(view)
    cv2.putText(red, "MILLER", (100, 58), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1)
    colour[red > 0] = (255, 0, 0)
    assert give_way([colour], [goes(box), gain])[0].box == box


def test_several_cuts_are_made_each_from_the_whole_box() -> None:
    view = np.full((120, 200), 20, np.uint8)
    kept = [stays((0, 42, 120, 54)), stays((0, 44, 120, 67)), stays((0, 31, 120, 63))]
    box = give_way([view], [goes((4, 37, 84, 81)), *kept])[0].box
    assert box[1] <= 59 < box[3]


@pytest.mark.parametrize("end", [44, 45, 46, 47])
def test_a_whole_line_never_comes_into_view(end: int) -> None:
    view = page(("Name: JOHN", 24), ("SMITH", 44), ("Gain 12", 64))
    box = (5, 10, 120, end)
    assert give_way([view], [goes(box), stays((5, 28, 120, 70))])[0].box == box


def test_turned_text_is_not_cut_between_its_letters() -> None:
    line = np.full((30, 60), 20, np.uint8)
    cv2.putText(line, "MILLER", (4, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    view = np.full((120, 200), 20, np.uint8)
    view[10:70, 10:40] = np.rot90(line, -1)
    assert give_way([view], [goes((12, 12, 36, 64)), stays((8, 50, 90, 100))])[0].box == (12, 12, 36, 64)


boxes = st.tuples(st.integers(0, 150), st.integers(0, 90), st.integers(5, 50), st.integers(5, 30)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@given(st.lists(boxes, min_size=1, max_size=4), st.lists(boxes, max_size=6), st.integers(0, 2**32 - 1))
def test_what_comes_into_view_lies_in_a_kept_box_or_is_flat(going: list[Box], staying: list[Box], seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = page(("MILLER ANNA", 30), ("Gain 12", 48), ("12.04.1961", 66), ("50 mm", 84))
    view += rng.integers(0, 4, view.shape, np.uint8)
    before = [*map(goes, going), *map(stays, staying)]
    after = give_way([view], before)
    freed = rasterise(going, (120, 200)) & ~rasterise(
        [region.box for region in after if region.action is Action.REDACT], (120, 200)
    )
    bare = freed & ~rasterise(staying, (120, 200))
    assert not (np.abs(np.diff(view.astype(int), axis=1))[bare[:, 1:] & bare[:, :-1]] > 12).any()
    for old, new in zip(before, after, strict=True):
        middle = (old.box[1] + old.box[3]) // 2
        assert covered(new.box, [old.box]) == 1.0
        assert old.action is Action.KEEP or new.box[1] <= middle < new.box[3]
