"""The demonstration makes its own images, releases them and draws them before and after."""

from __future__ import annotations

import pytest
from PIL import Image

from deidkit.cli import cli
from deidkit.cli.demo import IMAGES
from deidkit.cli.exits import invoke
from deidkit.demo import SHEET
from deidkit.testing.phantoms import NAMES


def test_it_releases_and_draws(tmp_path, capsys):
    assert invoke(cli, ["demo", "--output", str(tmp_path / "demo"), "--only", "es"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "es es 8" in said and "released" in said
    with Image.open(tmp_path / "demo" / SHEET) as sheet:
        assert sheet.width > 800 and sheet.height > 800
        assert len(sheet.convert("RGB").getcolors(2**24)) > 1000
    assert oct((tmp_path / "demo" / "throw-away.key").stat().st_mode)[-3:] == "600"
    assert invoke(cli, ["demo", "--output", str(tmp_path / "demo")]) == 2


def test_its_images_are_the_phantoms():
    assert IMAGES == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_phantoms_are_the_same_for_the_same_seed(name, phantom):
    one, two, other = phantom(name, 3), phantom(name, 3), phantom(name, 4)
    assert one.samples.tobytes() == two.samples.tobytes() != other.samples.tobytes()
    assert one.dataset == two.dataset and one.planted == two.planted
    assert [item.value for item in one.planted] != [item.value for item in other.planted]
