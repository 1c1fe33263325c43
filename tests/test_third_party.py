"""A stranger's distribution is installed, found, run and held to the same contracts; so is one that deidkit generated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deidkit.cli.plugins import KINDS
from deidkit.keys import new_key_file
from deidkit.testing.phantoms import leaks, make

pytestmark = pytest.mark.timeout(700)

ROOT = Path(__file__).parents[1]
EXAMPLE = Path(__file__).parent / "third_party" / "deidkit-example"


class Site:
    """A folder of installed distributions that child processes see and this one does not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, *projects: Path) -> None:
        options = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
        target = ["--target", str(self.folder)]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", *options, *target, *map(str, projects)], check=True, timeout=120
        )

    def python(self, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
        places = os.pathsep.join(map(str, (self.folder, ROOT, ROOT / "plugins")))
        environment = os.environ | {"PYTHONPATH": places, "PYTEST_ADDOPTS": ""}
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            cwd=self.folder,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def deidkit(self, *arguments: object) -> str:
        return self.python("-m", "deidkit", *arguments).stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("site"))
    made.install(EXAMPLE)
    return made


def test_it_is_found(site):
    listed = [json.loads(line) for line in site.deidkit("plugins", "list", "--json").splitlines()]
    mine = {(item["kind"], item["name"]) for item in listed if item["from"] == "deidkit-example 1.2.3"}
    assert mine == {("detector", "example_margin"), ("redactor", "example_fill")}
    assert "example" in [item["profile"] for item in json.loads(site.deidkit("profiles", "list", "--json"))]
    assert site.deidkit("example") == "hello from deidkit-example\n"


def test_it_runs(site, tmp_path):
    (tmp_path / "in").mkdir()
    phantom = make("ct")
    phantom.write(tmp_path / "in" / "scan.dcm")
    new_key_file(tmp_path / "key")
    alarm = tmp_path / "torch was imported"
    (site.folder / "torch.py").write_text(f"open({str(alarm)!r}, 'w').close()\nraise ImportError")
    arguments = ("--output", tmp_path / "out", "--key", tmp_path / "key", "--profile", "example", "--json")
    summary = json.loads(site.deidkit("run", tmp_path / "in", *arguments))
    assert (summary["released"], summary["profiles"]) == (1, {"example": 1})
    assert not alarm.exists()
    [path] = (tmp_path / "out" / "released").rglob("*.dcm")
    assert not leaks(path.read_bytes(), phantom.planted)


def test_it_keeps_the_contracts(site):
    result = site.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", EXAMPLE, EXAMPLE / "tests")
    assert " passed" in result.stdout and "skipped" not in result.stdout


def test_ambient_plugins_are_not_seen_by_tests(site, tmp_path):
    test = tmp_path / "test_ambient.py"
    test.write_text(
        "import pytest\n"
        "from deidkit.registry import installed\n"
        "def test_not_seen():\n    assert 'example' not in installed().plugin_names()\n"
        "@pytest.mark.deidkit_plugins('example')\n"
        "def test_asked_for():\n    assert 'example' in installed().plugin_names()\n"
        "@pytest.mark.deidkit_plugins(ambient=True)\n"
        "def test_all():\n    assert 'example' in installed().plugin_names()\n"
        "@pytest.mark.deidkit_plugins('nobody')\n"
        "def test_not_there():\n    installed()\n"
    )
    result = site.python("-m", "pytest", "-q", "-p", "no:cacheprovider", test, check=False)
    assert "1 failed, 3 passed" in result.stdout and "not installed: nobody" in result.stdout


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Path]:
    projects, made = tmp_path_factory.mktemp("projects"), Site(tmp_path_factory.mktemp("generated"))
    for kind in KINDS:
        made.deidkit("plugins", "new", f"my-{kind}", "--kind", kind, "--into", projects)
    made.install(*sorted(projects.iterdir()))
    return made, projects


def test_generated_plugins_are_found_and_shown(generated):
    site, _ = generated
    listed = [json.loads(line) for line in site.deidkit("plugins", "list", "--json").splitlines()]
    assert {item["kind"] for item in listed if item["from"].startswith("deidkit-my-")} == set(KINDS)
    assert "strokes" in site.deidkit("plugins", "show", "my_detector")


def test_a_generated_detector_runs(generated, tmp_path):
    site, _ = generated
    make("us").write(tmp_path / "us.dcm")
    lines = [json.loads(line) for line in site.deidkit("detect", tmp_path / "us.dcm", "--detector", "my_detector").splitlines()]
    assert [line["frame"] for line in lines] == [0, 1, 2]
    assert all(box["detector"] == "my_detector" for line in lines for box in line["boxes"]) and lines[0]["boxes"]


def test_generated_plugins_keep_the_contracts(generated):
    site, projects = generated
    result = site.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", projects, projects)
    assert " passed" in result.stdout and "failed" not in result.stdout


def test_a_name_that_is_none_is_refused(tmp_path):
    from deidkit.cli import cli
    from deidkit.cli.exits import invoke

    assert invoke(cli, ["plugins", "new", "../evil", "--kind", "detector", "--into", str(tmp_path)]) == 2
    assert not list(tmp_path.iterdir())
