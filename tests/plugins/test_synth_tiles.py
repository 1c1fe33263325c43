"""Tiles: what is planted is where the truth says, and negatives are not text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from deidkit.image import Image
from deidkit.registry import installed
from deidkit_synth import negatives, phantoms, seams
from deidkit_synth.backgrounds import part_of
from deidkit_synth.fonts import FontBank, find_faces, font_folders, has_letters
from deidkit_synth.glyphs import hershey, line
from deidkit_synth.identity import fake_patient
from deidkit_synth.layout import ruler
from deidkit_synth.looks import LUMA, Look
from deidkit_synth.paint import Truth, plant


def blank(level=40, rows=120, columns=200):
    return Truth.of(np.full((rows, columns, 3), level, np.uint8))


def test_truth_covers_every_changed_pixel_and_no_more():
    truth, before = blank(), blank().image
    alpha = hershey(np.random.default_rng(0), "DOE JOHN", 18)
    assert plant(truth, alpha, 20, 30, Look((250.0, 250.0, 250.0)), "identity", "DOE JOHN")
    changed = (np.abs(truth.image.astype(int) - before) > 60).any(2)
    assert not (changed & (truth.region == 0)).any()
    assert (truth.stroke[changed]).mean() > 0.9
    x0, y0, x1, y1 = truth.instances[0].box
    assert (x0, y0) == (20, 30) and (x1 - x0, y1 - y0) == alpha.shape[::-1]
    assert truth.instances[0].legible and "DOE" not in repr(truth.instances[0])


@pytest.mark.parametrize("angle", [90.0, 180.0, 270.0, 7.0])
def test_turned_text_keeps_its_ink_inside_its_region(angle):
    truth = blank()
    alpha = hershey(np.random.default_rng(1), "SUPINE", 16)
    assert plant(truth, alpha, 30, 20, Look((255.0, 255.0, 255.0), angle=angle), "marker", "SUPINE")
    assert truth.stroke.sum() > 50 and not (truth.stroke & (1 - truth.region)).any()


def test_what_nobody_could_read_is_marked():
    truth = blank()
    alpha = hershey(np.random.default_rng(2), "FAINT", 16)
    plant(truth, alpha, 20, 20, Look((3.0, 3.0, 3.0), relative=True), "technical", "FAINT")
    assert not truth.instances[0].legible and truth.ignore.any()


GROUND = {
    "flat": lambda rng: np.full((60, 90), 40.0),
    "slope": lambda rng: np.tile(np.linspace(0, 120, 90), (60, 1)),
    "speckle": lambda rng: np.abs(rng.normal(0, 60, (60, 90))),
}


@pytest.mark.parametrize(
    ("ground", "step", "size", "halo", "legible"),
    [
        ("flat", 20, 9, 0, True),
        ("slope", 40, 9, 0, True),
        ("speckle", 40, 9, 0, False),
        ("speckle", 150, 9, 0, True),
        ("speckle", 40, 9, 2, True),
        ("speckle", 60, 40, 0, True),
    ],
)
def test_texture_hides_small_faint_text_unless_it_is_outlined(ground, step, size, halo, legible):
    rows = GROUND[ground](np.random.default_rng(5))
    truth = Truth.of(np.repeat(rows[..., None], 3, 2).clip(0, 255).astype(np.uint8))
    look = Look((40.0 + step,) * 3, halo=halo, halo_ink=255.0)
    assert plant(truth, hershey(np.random.default_rng(2), "17", size), 30, 10, look, "scale", "17")
    assert truth.instances[0].legible is legible


def test_lines_never_overlap():
    truth = blank()
    alpha = hershey(np.random.default_rng(3), "ONE", 16)
    look = Look((255.0, 255.0, 255.0))
    assert plant(truth, alpha, 20, 20, look, "technical", "ONE")
    assert not plant(truth, alpha, 25, 22, look, "technical", "ONE")
    assert len(truth.instances) == 1


KINDS = phantoms.HELD_OUT_KINDS | phantoms.COLOURFUL


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_phantoms_follow_from_their_seed(kind):
    make = KINDS[kind][0]
    first, again, other = (make(np.random.default_rng(seed), 96) for seed in (5, 5, 6))
    assert first.shape == (96, 96, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize("maker", [maker for maker, _ in negatives.MAKERS], ids=lambda maker: maker.__name__)
def test_negatives_draw_something_wherever_they_fall(maker):
    drawn = 0
    for seed in range(12):
        canvas = np.full((64, 48, 3), 10, np.uint8)
        maker(np.random.default_rng(seed), canvas)
        drawn += int((canvas != 10).any())
    assert drawn >= 6


def test_a_font_that_draws_one_box_for_every_letter_is_left_out():
    bitmap = ImageFont.load_default(16)

    class Boxes:
        def getmask(self, text):
            return bitmap.getmask("|" * len(text))

    assert has_letters(bitmap) and not has_letters(Boxes())


def test_a_group_is_on_one_side_of_the_split():
    parts = [part_of(f"group {i}") for i in range(500)]
    assert parts == [part_of(f"group {i}") for i in range(500)]
    assert 0.7 < parts.count("train") / 500 < 0.9 and {"validation", "test"} <= set(parts)


def test_tiles_are_images_with_truth_and_follow_from_the_seed():
    generator = installed().build("generator", "tiles")
    first, again = (list(generator.generate(6, 3, {"size": 128, "empty": 0.0, "fonts": "wheels"})) for _ in range(2))
    assert all(isinstance(tile, Image) for tile in first)
    assert all(
        np.array_equal(a.image, b.image) and np.array_equal(a.region, b.region) for a, b in zip(first, again, strict=True)
    )
    assert sum(len(tile.instances) for tile in first) > 3
    assert first[0].frame(0).view().shape == (128, 128, 3)


def test_lines_of_every_script_that_has_fonts():
    bank = FontBank(find_faces(font_folders("wheels")))
    for script in bank.scripts():
        assert line(np.random.default_rng(0), bank, "山田 محمد Doe", script, 20).size


def test_a_patient_hides_its_values():
    patient = fake_patient(np.random.default_rng(0))
    assert patient.patient_id not in repr(patient) and patient.lines(np.random.default_rng(1))


def luminance(image, where):
    return float((image[where] @ LUMA).mean())


@pytest.mark.parametrize("hue", [(255.0, 255.0, 255.0), (255.0, 80.0, 80.0), (80.0, 80.0, 255.0), (255.0, 0.0, 255.0)])
@pytest.mark.parametrize("below", [(60, 140, 90), (250, 215, 235)])
def test_text_can_be_as_bright_as_its_ground(hue, below):
    truth = Truth.of(np.full((60, 90, 3), below, np.uint8))
    ground = luminance(truth.image, np.ones((60, 90), bool))
    assert plant(truth, hershey(np.random.default_rng(2), "LAT", 24), 20, 10, Look(hue, lift=4.0), "marker", "LAT")
    solid = (truth.image != below).any(2) & (truth.stroke > 0)
    assert abs(luminance(truth.image, solid) - ground) < 8 and truth.instances[0].legible


def test_in_the_dark_text_keeps_its_ink():
    truth = blank(level=4)
    assert plant(truth, hershey(np.random.default_rng(2), "LAT", 24), 20, 10, Look((255.0,) * 3, lift=0.0), "marker", "LAT")
    assert truth.instances[0].legible and truth.image.max() > 200


def test_hard_tiles_have_more_text_that_only_its_hue_shows():
    def alike(hard):
        steps = []
        chosen = {"size": 128, "empty": 0.0, "hard": hard, "fonts": "wheels"}
        for tile in installed().build("generator", "tiles").generate(60, 5, chosen):
            for planted in (each for each in tile.instances if each.legible):
                x0, y0, x1, y1 = planted.box
                ink, part = tile.stroke[y0:y1, x0:x1] > 0, tile.image[y0:y1, x0:x1]
                if ink.any() and not ink.all():
                    steps.append(abs(luminance(part, ink) - luminance(part, ~ink)) < 12)
        return np.mean(steps)

    assert alike(1.0) > 2 * alike(0.0)


def grounds(**conditions):
    chosen = {"size": 128, "empty": 1.0, "fonts": "wheels", **conditions}
    return [tile.image for tile in installed().build("generator", "tiles").generate(40, 9, chosen)]


def test_seams_join_two_grounds_and_leave_what_lies_outside_as_it_was():
    rng = np.random.default_rng(3)
    one, other = np.full((96, 128, 3), 200, np.uint8), np.zeros((96, 128, 3), np.uint8)
    for _ in range(20):
        where = seams.side(rng, (96, 128))
        image = seams.joined(one, other, where)
        assert image.shape == one.shape and 0.02 < where.mean() < 0.98
        assert (image[where == 0] == 200).all() and (image[where == 1] == 0).all()


def test_tiles_with_seams_are_of_one_colour_in_part():
    def part_flat(images):
        return np.mean([np.bincount(image.reshape(-1, 3).sum(1)).max() > 0.15 * image[..., 0].size for image in images])

    assert part_flat(grounds(seams=1.0)) > part_flat(grounds()) + 0.1


@pytest.mark.parametrize("seed", range(6))
def test_a_ruler_can_have_a_tick_at_each_number_but_not_on_text(seed):
    plain, ticked, crowded = (Truth.of(np.zeros((256, 256, 3), np.uint8)) for _ in range(3))
    ticked.ticked = crowded.ticked = 1.0
    crowded.region[:] = 1
    for truth in (plain, ticked, crowded):
        ruler(np.random.default_rng(seed), truth, FontBank(find_faces(font_folders("wheels"))))
    strokes = (ticked.image != plain.image).any(2).astype(np.uint8)
    assert cv2.connectedComponents(strokes)[0] - 1 >= len(ticked.instances) - 1 > 0
    assert np.array_equal(plain.region, ticked.region) and not crowded.image.any()
