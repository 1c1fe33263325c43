"""Hard negatives are cut from what is covered by mistake, and nowhere else."""

from __future__ import annotations

import numpy as np

from deidkit_training.mine import SIDE, mistakes


def test_crops_are_of_one_size_and_hold_the_mistake():
    image = np.zeros((640, 700, 3), np.uint8)
    image[300:310, 600:640] = 255
    covered = image[..., 0] > 0
    [crop] = mistakes(image, covered)
    assert crop.shape == (SIDE, SIDE, 3) and (crop > 0).sum() == 3 * 400


def test_specks_are_left_out_and_neighbours_share_a_crop():
    covered = np.zeros((640, 640), bool)
    covered[10, 10] = covered[300:310, 300:320] = covered[330:340, 300:320] = covered[300:310, 600:620] = True
    assert len(list(mistakes(np.zeros((640, 640, 3), np.uint8), covered))) == 2


def test_an_image_smaller_than_a_crop_is_taken_whole():
    covered = np.ones((100, 90), bool)
    [crop] = mistakes(np.zeros((100, 90, 3), np.uint8), covered)
    assert crop.shape == (100, 90, 3)
