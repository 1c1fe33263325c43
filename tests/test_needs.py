"""Tests that need a program are skipped without it and say how to get it; on continuous integration they fail instead."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import needs
import pytest

HERE = Path(__file__).parent
LOST = HERE.parent / ".ci" / "lost.py"
MODULE = """
import pytest
@pytest.mark.needs("dciodvfy")
def test_one(): pass
@pytest.mark.needs("dciodvfy", "tesseract")
class TestMore:
    def test_two(self): pass
def test_three(): pass
def test_four(): pytest.skip("for another reason")
def test_six():
    from needs import present
    assert not present("dcmdump")
"""
IMPORTED = "from needs import require\nrequire('lightning')\ndef test_five(): pass\n"


@pytest.fixture
def suite(pytester, monkeypatch):
    """Runs a small suite under our conftest on a machine without programs; gives the result."""
    pytester.makeconftest((HERE / "conftest.py").read_text())
    pytester.makepyfile(test_module=MODULE, test_imported=IMPORTED, needs=(HERE / "needs.py").read_text())
    monkeypatch.setenv("PATH", str(pytester.mkdir("empty")))

    def run(*arguments, **environment):
        for name in ("CI", needs.WITHOUT):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments)

    return run


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_is_missing_is_skipped_and_the_last_line_says_how_to_get_it(suite, processes):
    result = suite("-n", processes, "-q", "test_module.py")
    result.assert_outcomes(passed=2, skipped=3)
    assert result.outlines[-1] == "tests skipped for want of dciodvfy (2); to run them: apt-get install dicom3tools"


def test_on_continuous_integration_what_is_missing_fails(suite):
    result = suite("test_module.py", CI="true")
    result.assert_outcomes(passed=1, failed=1, errors=2, skipped=1)
    result.stdout.fnmatch_lines(["*CI needs dciodvfy: apt-get install dicom3tools*"])


def test_a_run_that_does_without_on_purpose_names_what(suite):
    suite("test_module.py", CI="true", **{needs.WITHOUT: "dciodvfy tesseract dcmdump"}).assert_outcomes(passed=2, skipped=3)
    suite("test_module.py", CI="true", **{needs.WITHOUT: "tesseract dcmdump"}).assert_outcomes(passed=2, errors=2, skipped=1)


@pytest.mark.parametrize(("environment", "outcome"), [({}, {"skipped": 1}), ({"CI": "1"}, {"errors": 1})])
def test_a_module_that_cannot_be_imported_without_a_package(suite, pytester, environment, outcome):
    (pytester.path / "needs.py").write_text((HERE / "needs.py").read_text().replace('"lightning"', '"no_such_package"'))
    (pytester.path / "test_imported.py").write_text(IMPORTED.replace("lightning", "no_such_package"))
    result = suite("test_imported.py", **environment)
    result.assert_outcomes(**outcome)
    assert ("python3 bootstrap.py train" in result.outlines[-1]) == (not environment)


def test_the_line_tells_every_need_once():
    reasons = ["Skipped: needs dciodvfy: apt-get install dicom3tools"] * 2
    reasons += [
        "Skipped: needs torch: python3 bootstrap.py train",
        "Skipped: needs tesseract: apt-get install tesseract-ocr",
        "x",
    ]
    assert needs.summary(reasons) == (
        "tests skipped for want of dciodvfy (2), tesseract (1), torch (1); "
        "to run them: apt-get install dicom3tools tesseract-ocr; python3 bootstrap.py train"
    )
    assert needs.summary(["Skipped: for another reason"]) == ""


def test_an_unknown_need_is_an_error():
    with pytest.raises(ValueError, match="install"):
        needs.require("dicodvfy")


def report(path, **outcomes):
    inner = {
        "passed": "",
        "needs": "<skipped message='needs dciodvfy: x'/>",
        "skip": "<skipped message='x'/>",
        "fail": "<failure/>",
    }
    cases = "".join(f"<testcase classname='m' name='{name}'>{inner[told]}</testcase>" for name, told in outcomes.items())
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return path


@pytest.mark.parametrize(
    ("bare", "code", "said"),
    [
        ({"a": "passed", "b": "needs", "c": "skip"}, 0, "0 lost"),
        ({"a": "passed", "b": "skip", "c": "skip"}, 1, "lost: m.b"),
        ({"a": "fail", "b": "needs", "c": "skip"}, 1, "lost: m.a"),
        ({"b": "needs"}, 1, "lost: m.a: not run"),
        ({"a": "passed", "b": "passed", "c": "skip"}, 1, "no bare one"),
    ],
)
def test_nothing_but_skips_may_be_lost(tmp_path, bare, code, said):
    whole = report(tmp_path / "whole.xml", a="passed", b="passed", c="skip")
    done = subprocess.run([sys.executable, LOST, whole, report(tmp_path / "bare.xml", **bare)], capture_output=True, text=True)
    assert done.returncode == code and said in done.stdout
