"""Fonts come from wheels and from the machine; where they lie and what else is installed moves no family to the other part."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import ImageFont

from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit_synth import fonts
from deidkit_synth.command import synth
from deidkit_synth.fonts import Folder, FontBank, enough, find_faces, font_folders, held_out

ROOT = Path(__file__).parents[2]
TRAINED = {
    "fontpkg_arimo": "fonts-croscore",
    "fontpkg_inconsolata": "fonts-inconsolata",
    "fontpkg_open_sans": "fonts-open-sans",
    "fontpkg_roboto": "fonts-roboto",
}
"""Package of a wheel to the Debian package of the same family that the shipped networks were trained on."""


def named(faces):
    return {face.name.split("/")[0] for face in faces}


def test_wheels_bring_families_for_training_and_others_that_it_never_sees():
    train, held = (find_faces(font_folders("wheels"), part) for part in (False, True))
    assert enough(train, held=False) and enough(held, held=True)
    assert named(train) >= set(TRAINED) and not named(train) & named(held)
    documented = (ROOT / "docs" / "models" / "fonts.txt").read_text().split()
    assert set(TRAINED.values()) <= set(documented)
    assert not [face.name for face in held if any(package[6:] in face.name for package in documented)]


def test_nothing_of_a_wheel_is_imported():
    script = (
        "import sys; from deidkit_synth.fonts import *; bank = FontBank(find_faces(font_folders('wheels'))); "
        "assert all(bank.load(face, 16) for face in bank.faces); print([name for name in sys.modules if 'fontpkg' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_faces_of_wheels_are_laid_out_alike_with_and_without_the_libraries_of_the_system():
    bank = FontBank(find_faces(font_folders("wheels")))
    assert {bank.load(face, 16).layout_engine for face in bank.faces} == {ImageFont.Layout.BASIC}


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine whose system fonts are one family of each part."""
    folder = tmp_path / "firacode" / "share" / "fonts"
    for package, name in (("roboto", "Roboto[wdth,wght].ttf"), ("space_mono", "SpaceMono-Regular.ttf")):
        [wheel] = [each.path for each in font_folders("wheels") if each.name == f"fontpkg_{package}"]
        (folder / package).mkdir(parents=True)
        shutil.copy(wheel / "files" / name, folder / package / f"System{name}")
    monkeypatch.setattr(fonts, "_of_system", lambda: iter([Folder(folder, "/usr/share/fonts")]))
    return folder


@pytest.mark.parametrize(("held", "more"), [(False, "SystemRoboto"), (True, "SystemSpaceMono")])
def test_system_fonts_add_to_those_of_wheels_on_the_side_of_their_family(machine, held, more):
    wheels, system, both = (find_faces(font_folders(origin), held) for origin in ("wheels", "system", "all"))
    assert [face.path.name.startswith(more) for face in system] == [True]
    assert both == [*wheels, *system]


@pytest.mark.parametrize("held", [[], ["--held-out"]])
def test_what_wheels_draw_is_the_same_whatever_the_machine_has(machine, tmp_path, held):
    def drawn(name, *options):
        CliRunner().invoke(synth, ["--output", str(tmp_path / name), "--count", "2", *held, *options], catch_exceptions=False)
        return [path.read_bytes() for path in sorted((tmp_path / name).rglob("*.*"))]

    before = drawn("a", "--fonts", "wheels")
    with_machine = drawn("b")
    shutil.rmtree(machine)
    assert drawn("c", "--fonts", "wheels") == before
    assert with_machine != before == drawn("d")


def test_where_fonts_lie_decides_nothing(tmp_path):
    """A home named after a family, or a virtual environment in another place."""
    [wheel] = [each.path for each in font_folders("wheels") if each.name == "fontpkg_space_mono"]
    found = []
    for place in ("jetbrains", "emoji", "elsewhere/noto"):
        shutil.copytree(wheel, tmp_path / place / "x")
        found.append(
            [(face.name, face.script, face.weight) for face in find_faces([Folder(tmp_path / place / "x", "x")], True)]
        )
        assert not find_faces([Folder(tmp_path / place / "x", "x")], False)
    assert found[0] == found[1] == found[2] and len(found[0]) == 4


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("/usr/share/fonts/truetype/firacode/FiraCode-Regular.ttf", True),
        ("/usr/share/fonts/opentype/clear-sans/ClearSans.otf", True),
        ("/usr/share/fonts/truetype/courier-prime/Courier Prime.ttf", True),
        ("fontpkg_jetbrains_mono/files/x.ttf", True),
        ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", False),
    ],
)
def test_a_family_is_told_by_its_name(tmp_path, name, held):
    assert held_out(fonts.Face(tmp_path, name, "latin", False, 1.0)) is held


def test_a_user_without_a_home_has_the_fonts_of_wheels(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(fonts.Path, "home", homeless)
    assert {folder.name for folder in font_folders("system")} == set(fonts.SYSTEM)
    assert enough(find_faces(font_folders("wheels"), held=True), held=True)


@pytest.mark.parametrize("held", [[], ["--held-out"]])
def test_without_fonts_the_install_line_is_told(monkeypatch, tmp_path, capsys, held):
    monkeypatch.setattr(fonts, "_of_wheels", lambda: iter(()))
    monkeypatch.setattr(fonts, "_of_system", lambda: iter([Folder(tmp_path / "none", "none")]))
    assert invoke(cli, ["synth", "--output", str(tmp_path / "set"), "--count", "1", *held]) == 4
    assert "pip install 'deidkit-imaging[synth]'" in re.sub(r"\s+", " ", capsys.readouterr().err)
    assert not (tmp_path / "set").exists()


def test_one_family_is_too_few_to_speak_of_fonts_that_training_never_saw():
    faces = find_faces(font_folders("wheels"), held=True)
    one = [face for face in faces if "space" in face.name]
    assert len(one) >= 4 and enough(faces, held=True) and not enough(one, held=True)
