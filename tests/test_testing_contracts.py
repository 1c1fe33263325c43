"""The contracts themselves are tested: a component that breaks one is caught by the test that is there for it."""

from __future__ import annotations

import pytest

from deidkit.cli.plugins import KINDS
from deidkit.interfaces import INTERFACES
from deidkit.testing.contracts import BY_KIND, SABOTAGES

HEAD = """
import logging, numpy as np, pytest
from dataclasses import replace
from deidkit.imaging.boxes import clip
from deidkit.testing.contracts import *
from deidkit.types import Action, Check, Edit, HeaderChange, Label, Labels, Patch, Region, Status

class Base:
    def detect(self, frames, context):
        return [[Region((1, 1, 2, 2), 0.5, "x")] if min(f.shape) > 1 else [] for f in frames]
    def decide(self, regions, context):
        return [replace(r, action=Action.REDACT, kind="text", reason="all") for r in regions]
    def redact(self, frame, regions, context):
        return Edit(frame.index, tuple(Patch(r.box) for r in regions), "x")
    def scrub(self, header, context):
        changed = [HeaderChange(f"({e.tag.group:04X},{e.tag.element:04X})", "X", "all") for e in header]
        kept = {k: context.keys.uid(header[k].value) for k in ("StudyInstanceUID", "SOPInstanceUID") if k in header}
        header.clear()
        for k, v in kept.items():
            setattr(header, k, v)
        return changed
    def verify(self, case):
        def blank(box, frame):
            part = frame.samples[box[1]:box[3], box[0]:box[2]]
            return (part.reshape(-1, len(frame.black)) == frame.black).all()
        good = all(blank(box, frame) for frame in case.after.frames() for box in case.masks[frame.index])
        return [Check("x", Status.PASSED if good else Status.FAILED)]
    def read(self, frame, regions, context):
        return list(regions)
    def classify(self, image):
        return Labels()
    def tag(self, text):
        return []
"""

D, P = "def detect(self, frames, context): ", "def decide(self, regions, context): "
R, S = "def redact(self, frame, regions, context): ", "def scrub(self, header, context): "
BY_TEXT = "return [replace(r, action=Action.{} if r.text else Action.{}, kind='k', reason='r') for r in regions]"
AS_TOLD = "return [replace(r, action=Action.REDACT, kind='k', reason=f'matches {r.text}') for r in regions]"
PRINTS = "print(context.header.PatientName if context.header else ''); return [[] for f in frames]"
TELLS = "return [[Region((0, 0, 1, 1), 0.5, 'x', reason=str(context.header.get('PatientID')))] for f in frames]"
HALF = "frame.samples[r.box[1]:r.box[3], r.box[0]:r.box[2]] // 2"
ALL = "Patch((0, 0, frame.shape[1], frame.shape[0]))"
VALUES = "v = str(header.get('PatientID')); return [replace(c, source=v) for c in Base.scrub(self, header, context)]"

CASES = [
    ("Detector", "", None),
    ("Detector", D + "return [[Region((0, 0, 9999, 2), 1.0, 'x')] for f in frames]", "inside"),
    ("Detector", D + "return [[Region((0, 0, 1, np.int64(1)), 1.0, 'x')] for f in frames]", "inside"),
    ("Detector", D + "return [[] for f in frames][:1]", "one_list"),
    ("Detector", D + PRINTS, "inside"),
    ("Detector", D + "context.header.PatientID = 'x'; return [[] for f in frames]", "inputs_stay"),
    ("Detector", D + "return [[Region((0, 0, 1, 1), np.random.random(), 'x')] for f in frames]", "same_in"),
    ("Detector", D + TELLS, "hold_no_text"),
    ("Policy", "", None),
    ("Policy", P + "return Base.decide(self, regions[::-1], context)", "order_stay"),
    ("Policy", P + BY_TEXT.format("KEEP", "REDACT"), "always_redacted"),
    ("Policy", P + BY_TEXT.format("REDACT", "KEEP"), "nobody_read"),
    ("Policy", P + AS_TOLD, "hold_no_text"),
    ("Redactor", "", None),
    ("Redactor", R + "return Edit(frame.index, tuple(Patch(r.box) for r in regions[1:]), 'x')", "covers"),
    ("Redactor", R + "return Edit(0, tuple(Patch(r.box) for r in regions), 'x')", "covers"),
    ("Redactor", R + f"return Edit(frame.index, tuple(Patch(r.box, {HALF}) for r in regions), 'x')", "ink_is_gone"),
    ("Redactor", R + f"return Edit(frame.index, ({ALL},) if regions else (), 'x')", "little_else"),
    ("Scrubber", "", None),
    ("Scrubber", S + "return []", "planted"),
    ("Scrubber", S + "context.header.clear(); return Base.scrub(self, header, context)", "planted"),
    ("Scrubber", S + VALUES, "not_values"),
    ("Verifier", "", None),
    ("Verifier", "def verify(self, case): return [Check('x', Status.PASSED)]", "sabotaged"),
    ("Verifier", "def verify(self, case): return [Check('x', Status.FAILED)]", "clean_output"),
    ("Verifier", "def verify(self, case): return []", "clean_output"),
    ("Classifier", "", None),
    ("Classifier", "def classify(self, image): return Labels(Label(str(image.header.get('PatientID')), 1.0))", "defined_terms"),
    ("Classifier", "def classify(self, image): return Labels(Label('CT', 1.5))", "defined_terms"),
    ("Recogniser", "", None),
    ("Recogniser", "def read(self, frame, regions, context): return list(regions)[::-1]", "boxes_and_order"),
    ("Tagger", "", None),
    ("Tagger", "def tag(self, text): return [(0, len(text) + 1, 'name')]", "spans_lie"),
    ("Tagger", "def tag(self, text): return [(0, 1, 'colour')] if text else []", "spans_lie"),
]
"""Kind, what is done wrong (nothing when empty), and a part of the name of the test that has to notice."""

SETTINGS = {
    "Detector": "recall = 0.0",
    "Verifier": "catches = frozenset({'text-left', 'frame-left', 'half-a-box-left', 'faint-text-left'})",
    "Classifier": "knows = {}",
    "Recogniser": "similarity = 0.0",
    "Tagger": "finds = {}",
}


@pytest.mark.timeout(0)  # its alarm would go off inside of the session that is run within this one
@pytest.mark.parametrize(("kind", "body", "wrong"), CASES)
def test_a_broken_promise_is_caught(pytester, kind, body, wrong):
    test = f"""
{HEAD}
class Broken(Base):
    name = "x"
    {body}

class TestIt({kind}Contract):
    {SETTINGS.get(kind, "settings = None")}
    @pytest.fixture
    def component(self):
        return Broken()
"""
    pytester.makepyfile(test)
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:timeout")
    outcomes = result.parseoutcomes()
    if wrong is None:
        assert outcomes.get("passed") and not outcomes.get("failed") and not outcomes.get("errors")
        return
    broken = {line for line in result.outlines if line.startswith(("FAILED", "ERROR"))}
    assert any(wrong in line for line in broken), f"nothing with {wrong} among {broken}"


def test_every_kind_has_a_contract_and_a_start():
    assert set(BY_KIND) == set(INTERFACES) - {"generator"}
    assert set(KINDS) == set(BY_KIND) - {"format"}
    assert len(SABOTAGES) >= 7
