"""Real DICOM files with hostile or repeated identifiers, through a whole run."""

from __future__ import annotations

import pytest
from conftest import manifest, released
from pydicom import dcmwrite

from deidkit.batch.runner import Settings, run
from deidkit.headers.quiet import quiet
from deidkit.keys import Keys
from deidkit.testing.phantoms import make

HOSTILE = {
    "climb": "../../../climb-ZWETSCHGE",
    "absolute": "/tmp/absolute-ZWETSCHGE",
    "line": "1.2.3\nZWETSCHGE",
    "escape": "1.2.3\x1b[2JZWETSCHGE",
    "nul": "1.2.3\0ZWETSCHGE",
    "long": "1." * 400 + "1",
}


def put(folder, name, index, **values):
    data = make("cr", index).dataset
    with quiet():
        for keyword, value in values.items():
            setattr(data, keyword, value)
        dcmwrite(folder / f"{name}.dcm", data)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    return made


def test_hostile_identifiers_reach_no_path_list_or_log(folder, tmp_path, capfd, caplog):
    for index, (name, value) in enumerate(HOSTILE.items()):
        put(folder, f"uid-{name}", index, SOPInstanceUID=value)
        put(folder, f"id-{name}", 10 + index, PatientID=value)
    output = tmp_path / "out"
    run([folder], output, Settings(Keys(bytes(range(32)))))
    lines = manifest(output)
    assert len(lines) == 2 * len(HOSTILE)
    assert {name for name, line in lines.items() if line["outcome"] == "released"} >= {
        f"id-{name}.dcm" for name in ("climb", "absolute")
    }
    for name, content in released(output).items():
        assert all(part.strip("0123456789.") in {"", "dcm"} for part in name.split("/")), name
        assert b"ZWETSCHGE" not in content
    outside = {path.name for path in tmp_path.iterdir()}
    assert outside == {"in", "out"}
    kept = b"".join(path.read_bytes() for path in output.rglob("*") if path.is_file() and path.parent.name != "released")
    said = "".join(capfd.readouterr()) + caplog.text
    assert b"ZWETSCHGE" not in kept and "ZWETSCHGE" not in said and "\x1b" not in said


def test_repeated_uids_through_a_run(folder, tmp_path):
    put(folder, "a", 0)
    (folder / "copy.dcm").write_bytes((folder / "a.dcm").read_bytes())
    put(folder, "b", 1, SOPInstanceUID="1.2.3.4")
    put(folder, "c", 2, SOPInstanceUID="1.2.3.4")
    for workers in (1, 2):
        output = tmp_path / f"out{workers}"
        run([folder], output, Settings(Keys(bytes(range(32))), workers=workers))
        lines = manifest(output)
        assert lines["a.dcm"]["outcome"] == lines["copy.dcm"]["outcome"] == "released"
        assert lines["copy.dcm"]["duplicate_of"] == "a.dcm" and lines["copy.dcm"]["output"] == lines["a.dcm"]["output"]
        for name in ("b.dcm", "c.dcm"):
            assert lines[name]["outcome"] == "quarantined" and str(lines[name]["reasons"][0]).startswith("uid-conflict:")
        assert len(released(output)) == 1
