"""Nothing that an object says about itself is believed: marks, codes and stand-ins of an earlier cleaning prove nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ps315_corpus import base, person
from ps315_running import CLEAN, KEYS, failures, holds, reread, scrubbed, swept, written
from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence
from test_ps315_properties import CANARY, OPTIONS, SLOW, datasets, whole

MARKS = st.fixed_dictionaries(
    {},
    optional={
        "PatientIdentityRemoved": st.sampled_from(["YES", "NO"]),
        "DeidentificationMethod": st.sampled_from(["deidkit 0.1.0", f"by {CANARY}", "profile base"]),
        "BurnedInAnnotation": st.sampled_from(["NO", "YES"]),
        "RecognizableVisualFeatures": st.just("NO"),
        "LongitudinalTemporalInformationModified": st.sampled_from(["REMOVED", "MODIFIED", "UNMODIFIED"]),
        "PatientID": st.just(KEYS.pseudonym("x")),
        "StudyInstanceUID": st.just(KEYS.uid("1.2.3")),
        "ImageComments": st.sampled_from([f"[NAME] {CANARY}", f"[NAME{CANARY}]", f"[{CANARY}] [DATE]"]),
    },
)
TEMPORAL = {"remove": "REMOVED", "shift": "MODIFIED", "keep": "UNMODIFIED"}


def marked(random: Dataset, marks: dict[str, str]) -> Dataset:
    header = whole(random)
    for keyword, value in marks.items():
        setattr(header, keyword, value)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "113101", "DCM", f"Clean {CANARY}"
    header.DeidentificationMethodCodeSequence = Sequence([code])
    return reread(header)


@SLOW
@given(datasets(), MARKS, OPTIONS)
def test_marks_in_the_input_change_nothing(random: Dataset, marks: dict[str, str], options: dict[str, object]) -> None:
    header = marked(random, marks)
    after, _ = scrubbed(header, **options)
    assert not holds(written(after), CANARY)
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == TEMPORAL[str(options.get("dates", "remove"))]
    assert after.PatientID == KEYS.pseudonym(header.PatientID)
    assert after.StudyInstanceUID == KEYS.uid(header.StudyInstanceUID)
    meanings = {item.CodeMeaning for item in after.DeidentificationMethodCodeSequence}
    assert "Basic Application Confidentiality Profile" in meanings


@SLOW
@given(datasets(), OPTIONS)
def test_the_sweep_agrees_and_sees_what_is_put_back(
    tmp_path_factory: pytest.TempPathFactory, random: Dataset, options: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("sweep") / "a.dcm"
    before = whole(random)
    after, changes = scrubbed(before, **options)
    assert failures(swept(before, after, changes, path)) == []
    after.add(DataElement(0x00142016, "LT", f"as {CANARY} said", validation_mode=0))
    assert failures(swept(before, after, changes, path)) != []


def test_two_patients_stay_two_and_one_stays_one(tmp_path: Path) -> None:
    """What was cleaned once is cleaned again like anything else: the pseudonym of a pseudonym is another one."""
    first = reread(base(person(8)))
    once, _ = scrubbed(first, clean=CLEAN)
    twice, changes = scrubbed(reread(once), clean=CLEAN)
    assert once.PatientID != twice.PatientID == KEYS.pseudonym(once.PatientID)
    assert failures(swept(reread(once), twice, changes, tmp_path / "a.dcm")) == []
