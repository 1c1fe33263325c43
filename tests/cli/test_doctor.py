"""The doctor tells what is there, what is missing and how to get it, and ends with 4 when a profile lacks something."""

from __future__ import annotations

import json

import pytest

from deidkit import doctor
from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit.components import Finding, State
from deidkit.doctor import examine
from deidkit.hookspecs import hookimpl
from deidkit.keys import new_key_file
from deidkit.registry import Registry


def by_name(found, area):
    return {finding.name: finding for finding in found if finding.area == area}


def test_a_whole_installation_is_healthy(tmp_path, capsys):
    new_key_file(tmp_path / "key")
    assert invoke(cli, ["doctor", "--key", str(tmp_path / "key"), "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"machine", "package", "profile", "format", "detector", "codec", "key"} <= {item["area"] for item in found}
    assert [item for item in found if item["state"] == "missing"] == []


def test_every_compressed_syntax_has_a_decoder_or_says_what_it_lacks():
    codecs = by_name(examine(), "codec")
    assert len(codecs) >= 10
    for name in ("1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"):
        [codec] = [finding for title, finding in codecs.items() if f"({name})" in title]
        assert codec.state is State.OK and codec.detail


def test_a_codec_that_is_not_there_comes_with_its_install_line(monkeypatch):
    """The doctor tells what the format would use, not what some library could."""
    monkeypatch.setattr("deidkit_dicom.part10.syntaxes.find_spec", lambda name: None if name == "gdcm" else object())
    codecs = by_name(examine(), "codec")
    [lossless] = [finding for title, finding in codecs.items() if "(1.2.840.10008.1.2.4.57)" in title]
    assert lossless.detail == "pylibjpeg"
    monkeypatch.setattr("deidkit_dicom.part10.syntaxes.find_spec", lambda name: None)
    codecs = by_name(examine(), "codec")
    assert all(finding.state is State.ABSENT and finding.install for finding in codecs.values())


def test_what_a_profile_needs_and_lacks_is_named_with_its_install_line(monkeypatch, capsys):
    monkeypatch.setattr("deidkit.registry._present", lambda need: need != "python:rapidocr")
    found = by_name(examine(), "detector")["rapidocr"]
    assert found.state is State.MISSING and "python:rapidocr" in found.detail and found.install
    assert invoke(cli, ["doctor"]) == 4
    assert f"rapidocr: {found.install}" in capsys.readouterr().out


def test_what_nobody_needs_is_only_absent(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    found = by_name(examine(), "detector")["tesseract"]
    assert found.state is State.ABSENT and "tesseract-ocr" in found.install


@pytest.mark.parametrize(("mode", "state"), [(0o600, State.OK), (0o644, State.MISSING)])
def test_a_key_that_others_can_read_is_no_key(tmp_path, mode, state):
    new_key_file(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    assert by_name(examine(tmp_path / "key"), "key")["site key"].state is state


def test_a_full_disk_is_noticed(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: doctor.shutil._ntuple_diskusage(10, 10, 0))
    assert by_name(examine(), "machine")["free disk"].state is State.MISSING


def test_broken_site_profiles_are_told(tmp_path):
    (tmp_path / "bad.yaml").write_text("profile: bad\nschema_version: 1\ndetect: [{use: nobody}]\n")
    assert by_name(examine(profiles=[tmp_path]), "profile")["all profiles"].state is State.MISSING


def test_plugins_tell_what_they_find_on_this_machine():
    """The core asks by a hook, and knows no program of a plugin."""

    class Plugin:
        @hookimpl
        def deidkit_checks(self):
            return [Finding("program", "scanner", State.ABSENT, "not there", "apt-get install scanner")]

    assert Registry.of({"one": Plugin()}).findings() == Plugin().deidkit_checks()
    assert "families of wheels" in by_name(examine(), "fonts")


def test_a_plugin_whose_check_fails_is_named(monkeypatch):
    class Plugin:
        @hookimpl
        def deidkit_checks(self):
            raise OSError("no such thing")

    monkeypatch.setattr(doctor, "discover", lambda: Registry.of({"broken": Plugin()}))
    found = by_name(examine(), "plugin")["checks"]
    assert found.state is State.MISSING and "'broken', hook deidkit_checks" in found.detail
