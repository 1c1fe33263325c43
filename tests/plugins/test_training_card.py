"""What a card says of the images that a network was trained on."""

from __future__ import annotations

import pytest

from deidkit_training.card import data_facts


@pytest.mark.parametrize(("column", "expected"), [("licence", {"CC0": 1, "not stated": 1}), ("other", {"not stated": 2})])
def test_images_are_counted_by_licence_where_one_is_stated(tmp_path, column, expected):
    (tmp_path / "manifest.csv").write_text(f"file,has_text,{column}\na.png,no,CC0\nb.png,no,\nc.png,yes,CC0\n")
    facts = data_facts({"pool": str(tmp_path)})
    assert facts["images"] == 2 and facts["licences"] == expected and len(facts["manifest_sha256"]) == 64
