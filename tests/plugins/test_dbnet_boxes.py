"""From probability maps to boxes."""

from __future__ import annotations

import numpy as np
import pytest

from deidkit.errors import EnvironmentFault
from deidkit.image import Frame
from deidkit.imaging.boxes import area, around
from deidkit.nn.looks import sizes, telling_views
from deidkit.nn.preprocessing import CHANNELS, channels, channels_of, padded
from deidkit_dbnet.detector import DBNetDetector
from deidkit_dbnet.options import DBNetOptions
from deidkit_dbnet.postprocess.boxes import find, hugged
from deidkit_dbnet.postprocess.ends import ends
from deidkit_dbnet.postprocess.parts import CLIP, chances, company, parts_of
from deidkit_dbnet.postprocess.rules import PLAIN, Cut, Rules
from deidkit_dbnet.training.calibrate import NEVER, fit, observe
from deidkit_training.clean import least_score


def maps_with(*lines, rows=60, columns=120):
    maps = np.zeros((3, rows, columns), np.float32)
    for x0, y0, x1, y1 in lines:
        maps[0, y0:y1, x0:x1] = 0.95
        quarter = (y1 - y0) // 4
        maps[1, y0 + quarter : y1 - quarter, x0:x1] = 0.95
        maps[2, y0:y1:2, x0:x1:2] = 0.9
    return maps


def test_each_line_becomes_one_box():
    lines = [(10, 5, 60, 15), (10, 30, 100, 40)]
    assert [found.box for found in find(maps_with(*lines), Rules(), Cut(), 0.7)] == lines


def test_touching_lines_of_unequal_length_are_told_apart_by_their_cores():
    boxes = [found.box for found in find(maps_with((10, 5, 100, 15), (10, 15, 30, 25)), Rules(), Cut(), 0.7)]
    assert len(boxes) == 2
    assert max(x1 for _, y0, x1, _ in boxes if y0 >= 14) <= 32


def test_weak_and_tiny_answers_are_dropped():
    maps = maps_with((10, 5, 60, 15)) * 0.3
    maps[0, 50, 50] = 0.99
    assert find(maps, Rules(), Cut(), 0.7) == []


def test_fitted_scores_tell_text_from_what_only_looks_like_it():
    rules, seen = Rules(), []
    for image in range(40):
        text = image % 2 == 0
        maps = maps_with((10, 5, 60, 15)) * (1.0 if text else 0.55 + 0.002 * image)
        lines = np.zeros((120, 240), np.uint8)
        lines[10:30, 20:120] = text
        seen.append(observe(image, maps, lines, rules))
    assert [s.text.tolist() for s in seen] == [[image % 2 == 0] for image in range(40)]
    cut = fit(seen)
    scores = [(float(chances(s.boxes, s.features, cut)[0]), s) for s in seen]
    assert min(c for c, s in scores if s.text[0]) > 0.9
    clean = [[(c, s.false_area[0])] for c, s in scores if not s.text[0]]
    limit = least_score(clean, 0.0, 0.0, 0.05)
    assert max(c for ((c, _),) in clean) < limit < 0.9


def test_rules_come_from_a_card():
    rules = Rules.of({"extent": 0.6, "fine": {"score": 0.2, "alone": [1, *[0] * 10], "weights": [*[0] * 11, 1]}})
    assert rules.extent == 0.6 and rules.fine == Cut((1.0, *[0.0] * 10), (*[0.0] * 11, 1.0), 0.2)
    assert [rules.cut(factor).score for factor in (0.5, 1.0, 2.0)] == [0.7, 0.2, 0.7]
    assert rules.from_score(0.4).fine == Cut(rules.fine.alone, rules.fine.weights, 0.4, 0.4)
    assert len(list(parts_of(maps_with((10, 5, 60, 15)), rules))) == 1


def test_a_card_of_another_version_is_an_environment_fault():
    with pytest.raises(EnvironmentFault):
        Rules.of({"score": 0.5, "weights": [0.0] * 7})
    with pytest.raises(EnvironmentFault):
        Rules.of({"fine": {"weights": [0.0] * 7}})


def test_company_is_what_stands_on_the_same_line_or_in_the_same_column():
    word, next_word, far, tall, below = (0, 0, 40, 10), (50, 1, 90, 11), (300, 0, 340, 10), (95, -20, 130, 15), (0, 14, 40, 24)
    boxes = np.array([word, next_word, far, tall, below], float)
    odds = np.array([-1.0, 2.0, 9.0, 3.0, -2.0])
    assert company(boxes, odds).tolist() == [2.0, -1.0, -CLIP, -CLIP, -1.0]
    assert company(boxes[:, [1, 0, 3, 2]], odds).tolist() == [2.0, -1.0, -CLIP, -CLIP, -1.0]
    assert company(np.zeros((0, 4)), np.zeros(0)).size == 0


def test_a_hardly_sure_word_counts_beside_a_sure_one():
    cut = Cut(weights=(*PLAIN, 1.0), score=0.7)
    maps = maps_with((10, 5, 60, 15))
    maps[:, 5:15, 70:100] = 0.55
    lone = maps.copy()
    lone[:, :, :62] = 0.0
    assert len(find(maps, Rules(), cut, 0.7)) == 2 and not find(lone, Rules(), cut, 0.7)


def test_a_box_leaves_out_a_thin_unsure_rim_and_holds_all_ink():
    maps = maps_with((10, 5, 60, 15))
    maps[0, 2:18, 6:64] = np.maximum(maps[0, 2:18, 6:64], 0.4)
    assert [found.box for found in find(maps, Rules(), Cut(), 0.7)] == [(9, 5, 61, 15)]
    maps[2, 15, 30] = 0.9
    assert [found.box for found in find(maps, Rules(), Cut(), 0.7)] == [(9, 5, 61, 16)]


@pytest.mark.parametrize("faint", [slice(50, 110), slice(25, 90), slice(10, 70)])
def test_a_line_that_fades_somewhere_is_covered_to_its_ends(faint):
    maps = maps_with((10, 5, 110, 15))
    maps[0, 5:15, faint], maps[1:, 5:15, faint] = 0.42, 0.1
    covered = np.zeros(maps.shape[1:], bool)
    for found in find(maps, Rules(), Cut(), 0.0):
        x0, y0, x1, y1 = found.box
        covered[y0:y1, x0:x1] = True
    assert covered[7:13, 12:108].all()


def _covered(maps, **options):
    covered = np.zeros(maps.shape[1:], bool)
    for found in find(maps, Rules(), Cut(), 0.4, **options):
        x0, y0, x1, y1 = found.box
        covered[y0:y1, x0:x1] = True
    return covered


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_certain_line_is_followed_to_ends_that_are_too_faint_by_themselves(turned, mirrored):
    maps = maps_with((30, 20, 70, 30), rows=120)
    maps[2, 20:30, 74:88] = 0.15
    maps = maps.transpose(0, 2, 1) if turned else maps
    maps = np.ascontiguousarray(maps[:, ::-1, ::-1] if mirrored else maps)
    seen, afar = _covered(maps), _covered(maps, near=False)
    faint = (maps[2] > 0.1) & (maps[0] == 0)
    assert seen[faint].all() and not afar[faint].any()
    assert (seen & ~afar).sum() <= 10 * 18


def test_ends_stop_at_gaps_are_bounded_and_belong_to_certain_lines_only():
    maps = maps_with((20, 20, 50, 30))
    maps[2, 20:30, 56:80] = 0.15
    assert list(ends(maps, (20, 20, 50, 30))) == []
    maps[2, 20:30, 50:120] = 0.15
    assert list(ends(maps, (20, 20, 50, 30))) == [(50, 20, 70, 30)]
    assert len(find(maps, Rules(), Cut(), 0.4)) == 2
    assert len(find(maps, Rules(), Cut(score=NEVER, hint=0.4), 0.4)) == 1


def test_a_letter_that_runs_no_way_is_not_followed():
    maps = np.full((3, 60, 120), 0.15, np.float32)
    assert list(ends(maps, (40, 20, 50, 32))) == []
    assert list(ends(maps, (40, 20, 50, 36))) == [(40, 0, 50, 20), (40, 36, 50, 56)]


def test_words_that_are_found_are_not_ends_of_each_other():
    maps = maps_with((10, 5, 40, 15), (44, 5, 70, 15), (74, 5, 110, 15))
    assert len(find(maps, Rules(), Cut(), 0.4)) == 3
    maps[2, 5:15, 110:118] = 0.2
    assert [found.end for found in find(maps, Rules(), Cut(), 0.4)] == [False, False, False, True]


def test_a_slanting_line_is_covered_by_its_boxes_alone():
    maps = np.zeros((3, 80, 120), np.float32)
    for x in range(10, 100):
        maps[:, 20 + x // 3 : 28 + x // 3, x] = 0.95
    assert not any(found.end for found in find(maps, Rules(), Cut(), 0.4))


def test_calibration_counts_the_ends_that_are_told():
    maps = maps_with((30, 20, 60, 30))
    maps[2, 20:30, 60:72] = 0.15
    seen = observe(0, maps, np.zeros((120, 240), np.uint8), Rules())
    (line, end), unit = find(maps, Rules(), Cut(), 0.4), 240 * 120
    shares = [area(around(one.box, 2.0, 2, (120, 240))) / unit for one in (line, end)]
    assert end.end and [seen.false_area[0], seen.false_ends[0]] == pytest.approx(shares)
    afar = observe(0, maps, np.zeros((240, 480), np.uint8), Rules(), 4.0)
    assert afar.false_area[0] > 0 and afar.false_ends[0] == 0


def test_an_end_hides_no_box_of_a_farther_look(monkeypatch):
    near, far = maps_with((30, 20, 60, 30), rows=300, columns=300), maps_with((17, 9, 36, 16), rows=150, columns=150)
    near[2, 20:30, 60:76] = 0.15
    detector = DBNetDetector(DBNetOptions())
    monkeypatch.setattr(detector, "rules", Rules())
    monkeypatch.setattr(detector, "maps", lambda view: near if view.shape[0] == 600 else far)
    view = np.zeros((600, 600), np.uint8)
    frame = Frame(0, view.shape, lambda: view, {"default": lambda _: view}, lambda _: (0,))
    monkeypatch.setattr("deidkit.nn.look_detector.sizes", lambda *_: [(view, 1.0), (view[::2, ::2], 2.0)])
    boxes = [region.box for region in detector.regions_of(frame)]
    assert len(boxes) == 3 and max(x1 for _, _, x1, _ in boxes) >= 140 + 2


def test_a_blurred_edge_is_no_end_and_the_edge_of_the_image_ends_all():
    maps = maps_with((0, 20, 114, 30))
    maps[0, 20:30, 114:117] = 0.2
    assert list(ends(maps, (0, 20, 114, 30))) == []
    maps[0, 20:30, 114:120] = 0.2
    assert list(ends(maps, (0, 20, 114, 30))) == [(114, 20, 120, 30)]


def test_small_views_are_enlarged_and_large_ones_reduced():
    def looks(rows, columns):
        return [(look.shape, round(factor, 2)) for look, factor in sizes(np.zeros((rows, columns), np.uint8), 500, 1_500_000)]

    assert looks(256, 256) == [((512, 512), 0.5), ((256, 256), 1.0)]
    assert looks(1000, 800) == [((1369, 1095), 0.73), ((1000, 800), 1.0), ((500, 400), 2.0)]
    assert [shape for shape, _ in looks(1, 600)] == [(2, 1200), (1, 600), (1, 300)]
    assert looks(1024, 1024) == [((1024, 1024), 1.0), ((512, 512), 2.0), ((256, 256), 4.0)]
    assert [factor for _, factor in looks(3000, 900)] == [1.0, 2.0, 4.0, 8.0]


def test_faint_text_is_strong_in_the_contrast_channel():
    view = np.full((64, 64), 100, np.uint8)
    view[30:34, 20:40] = 106
    planes = channels(view)
    assert planes.shape == (CHANNELS, 64, 64) and planes.dtype == np.float32
    assert planes[3, 31, 30] > 0.8 and abs(planes[0, 31, 30] - planes[0, 0, 0]) < 0.1


def test_grey_and_equal_colour_views_give_the_same_input():
    grey = np.random.default_rng(0).integers(0, 256, (40, 50), np.uint8)
    np.testing.assert_allclose(channels(grey), channels(np.repeat(grey[..., None], 3, 2)), atol=1e-3)
    assert padded(channels(grey)).shape == (1, CHANNELS, 64, 64)


def test_grey_text_on_a_coloured_ground_as_bright_is_strong_by_its_chroma():
    view = np.full((64, 64, 3), (200, 120, 180), np.uint8)
    view[30:34, 20:40] = 151
    planes = channels(view)
    assert planes[4, 31, 30] < -2 and abs(planes[4, 5, 5]) < 0.1
    np.testing.assert_array_equal(channels(view, 4), planes[:4])
    assert not channels(view[..., 0])[4].any()


def test_a_card_of_another_number_of_channels_is_refused():
    assert channels_of({}) == 4 and channels_of({"inputs": 5}) == 5
    for count in (3, 6, "5", None):
        with pytest.raises(EnvironmentFault):
            channels_of({"inputs": count})
    with pytest.raises(ValueError, match="channels"):
        channels(np.zeros((8, 8), np.uint8), 6)


def test_a_further_view_is_looked_at_only_for_what_others_hide():
    plain = np.full((64, 64), 50, np.uint8)
    shifted, hidden = plain + 60, plain.copy()
    hidden[8:40, 8:40:2] = 200
    views = {"default": lambda _: plain, "window2": lambda _: shifted, "window3": lambda _: hidden}
    frame = Frame(0, (64, 64), lambda: plain, views, lambda _: (0,))
    assert len(list(telling_views(frame, "default"))) == 1
    assert len(list(telling_views(frame, "all"))) == 3
    chosen = list(telling_views(frame, "telling"))
    assert len(chosen) == 2 and chosen[1].max() == 200


def test_a_slanting_part_is_covered_by_several_boxes_and_little_else():
    part = np.zeros((60, 120), bool)
    for x in range(120):
        part[x // 3 : x // 3 + 8, x] = True
    boxes, made = hugged(part), np.zeros(part.shape, bool)
    for x0, y0, x1, y1 in boxes:
        made[y0:y1, x0:x1] = True
    assert (made & part).sum() == part.sum() and len(boxes) > 2
    assert made.sum() < 2 * part.sum() < part.size


def test_a_full_part_stays_one_box_and_an_empty_one_none():
    part = np.zeros((20, 50), bool)
    part[5:12, 4:40] = True
    assert hugged(part) == [(4, 5, 40, 12)] and hugged(np.zeros((5, 5), bool)) == []
