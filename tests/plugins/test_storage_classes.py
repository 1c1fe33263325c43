"""Every storage class of the standard gets a kind, and a built-in profile or a reason that is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ps315_running import holds
from pydicom import Dataset, dcmread
from storage_classes import END, PAGE, START, header_only, outcome, storage_classes, table, with_pixels

from deidkit.batch.worker import Spec
from deidkit.imaging.samples import NOT_PICTURES
from deidkit.item.engine import Answer, Engine
from deidkit.item.task import Task
from deidkit.keys import Keys
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.schema import INSPECT, NONE
from deidkit.registry import installed
from deidkit.types import KINDS, UNSERVED
from deidkit_modality.sop_classes import BY_KEYWORD, meaning_of

CLASSES = storage_classes()
TEXTS = {"LO": 64, "LT": 999, "SH": 16, "ST": 999, "UC": 999, "UT": 999}
"""VR of free text -> how long a value is at most."""
NAME, NUMBER = "Quorvane", "4711-228"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Spec(Keys(bytes(range(32)))).engine()


@pytest.fixture(scope="module")
def profiles() -> ProfileSet:
    return ProfileSet.load(installed())


def processed(engine: Engine, made: Dataset, folder: Path) -> tuple[Answer, Path]:
    source, target = folder / "in.dcm", folder / "out.dcm"
    target.unlink(missing_ok=True)
    made.save_as(source, enforce_file_format=True)
    return engine.process(Task(0, source, target)), target


def plant(dataset: Dataset) -> None:
    """Writes who the patient is into every free text."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                plant(item)
        elif element.VR in TEXTS and element.keyword not in {"PatientID", "MIMETypeOfEncapsulatedDocument"}:
            element.value = f"{NAME} {NUMBER}"[: TEXTS[element.VR]]


def test_every_storage_class_has_a_kind() -> None:
    assert set(CLASSES.values()) == set(BY_KEYWORD)
    assert {meaning_of(uid).kind for uid in CLASSES} <= set(KINDS) - {"private", "other", "label"}
    assert {uid for uid in CLASSES if meaning_of(uid).kind in {"seg", "map"}} == NOT_PICTURES


def test_every_kind_has_a_profile_or_a_reason(profiles: ProfileSet) -> None:
    matched = {kind for profile in profiles if profile.match for kind in profile.match.get("kind", ())}
    assert matched == set(KINDS) - set(UNSERVED)


def test_no_storage_class_ends_without_a_profile(profiles: ProfileSet) -> None:
    ends = {keyword: outcome(meaning_of(uid), uid, profiles) for uid, keyword in CLASSES.items()}
    assert [keyword for keyword, end in ends.items() if "no-profile" in end or "unsure" in end or "strict" in end] == []


def test_the_table_is_current() -> None:
    assert f"{START}{table()}{END}" in PAGE.read_text(), "run: python tests/plugins/storage_classes.py"


@pytest.mark.parametrize("conditional", [False, True])
def test_objects_without_pixels_are_released_or_told_why(
    conditional: bool, engine: Engine, profiles: ProfileSet, tmp_path: Path
) -> None:
    wrong: dict[str, object] = {}
    for number, (uid, keyword) in list(enumerate(CLASSES.items()))[:: 4 if conditional else 1]:
        made = header_only(uid, number, conditional)
        plant(made)
        answer, target = processed(engine, made, tmp_path)
        kind = meaning_of(uid).bare or meaning_of(uid).kind
        if kind in UNSERVED:
            expected = answer.reasons == (": ".join(UNSERVED[kind]),)
        elif kind in {"image", "capture", "seg", "map"}:
            expected = answer.reasons[0].startswith("pixels-missing")
        else:
            expected = answer.outcome == "released" and profiles.get(answer.profile or "").pixels == NONE
            raw = target.read_bytes() if expected else b""
            expected = expected and not holds(raw, NAME) and not holds(raw, NUMBER)
        if not expected:
            wrong[keyword] = answer.reasons or answer.outcome
    assert not wrong


def sampled() -> Iterator[tuple[str, np.ndarray]]:
    """Each class whose samples are no picture, with samples of a type that it allows."""
    steps = np.indices((3, 21, 17)).sum(axis=0) // 8
    kinds = {"1.2.840.10008.5.1.4.1.1.30": ("u2", "f4", "f8"), "1.2.840.10008.5.1.4.1.1.481.2": ("u2", "u4")}
    for uid in sorted(NOT_PICTURES):
        for kind in kinds.get(uid, ("u1", "u2")):
            yield uid, (steps * 37 + 1).astype(kind)


def test_what_is_no_picture_is_released_byte_for_byte(engine: Engine, profiles: ProfileSet, tmp_path: Path) -> None:
    for number, (uid, samples) in enumerate(sampled()):
        made = with_pixels(header_only(uid, number), samples)
        answer, target = processed(engine, made, tmp_path)
        assert (answer.outcome, answer.reasons) == ("released", ())
        assert profiles.get(answer.profile or "").pixels == INSPECT
        after = dcmread(target)
        tags = [tag for tag in (0x7FE00008, 0x7FE00009, 0x7FE00010) if tag in made]
        assert [after[tag].value for tag in tags] == [made[tag].value for tag in tags]
        assert [after[tag].VR for tag in tags] == [made[tag].VR for tag in tags]


@pytest.mark.parametrize(
    ("uid", "code"),
    [
        ("1.3.12.2.1107.5.9.1", "private-class"),
        ("1.2.840.113619.4.30", "private-class"),
        ("1.2.840.10008.5.1.4.1.1.9999", "class-unknown"),
        ("1.2.840.10008.1.1", "class-unknown"),
    ],
)
def test_classes_that_nobody_describes_are_quarantined(uid: str, code: str, engine: Engine, tmp_path: Path) -> None:
    for pixels in (False, True):
        made = header_only("1.2.840.10008.5.1.4.1.1.7", 1)
        made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = uid
        made.Modality = "MR"
        if pixels:
            with_pixels(made, np.zeros((1, 16, 16), np.uint8))
        answer, _ = processed(engine, made, tmp_path)
        assert [reason.partition(":")[0] for reason in answer.reasons] == [code]
