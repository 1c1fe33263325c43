"""Found text is read when a profile keeps a class of it, and only then."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread

import deidkit
from deidkit.item.pipeline import build
from deidkit.profiles.profile_set import ProfileSet
from deidkit.registry import installed
from deidkit.testing.phantoms import make

KEEPS = "profile: keeps\nschema_version: 1\nextends: base\ndecide: {use: policy, options: {keep: [laterality]}}\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "keeps.yaml").write_text(KEEPS)
    return tmp_path / "profiles"


def test_reading_is_left_out_where_it_decides_nothing(folder):
    registry = installed()
    known = ProfileSet.load(registry, [folder])
    assert known.get("base").recognise and not build(known.get("base"), registry).recognisers
    assert [name for name, _ in build(known.get("keeps"), registry).recognisers] == ["rapidocr"]


def test_a_marker_found_by_detectors_that_do_not_read_is_kept_where_the_profile_says_so(folder, tmp_path):
    phantom = make("cr", 0)
    [marker] = [text for text in phantom.texts if text.kind == "marker"]
    path = tmp_path / "in.dcm"
    phantom.dataset.save_as(path)
    x0, y0, x1, y1 = marker.box
    before = dcmread(path).pixel_array
    left = {}
    for profile in ("base", "keeps"):
        made, outcome = deidkit.deidentify(path, profile=profile, key=deidkit.Keys(bytes(range(32))), folders=[folder])
        assert made is not None, outcome.reasons
        left[profile] = bool(np.array_equal(made.pixel_array[y0:y1, x0:x1], before[y0:y1, x0:x1]))
        for text in phantom.texts:
            if text.kind == "phi":
                a, b, c, d = text.box
                assert not np.array_equal(made.pixel_array[b:d, a:c], before[b:d, a:c])
    assert left == {"base": False, "keeps": True}
