"""What the README and the other pages say is true: commands, options, files, profiles, and the set-up commands themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from deidkit import hookspecs
from deidkit.cli import cli
from deidkit.interfaces import INTERFACES
from deidkit.profiles.profile_set import ProfileSet
from deidkit.registry import installed
from deidkit.testing import contracts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/headers.md",
    "docs/inpainting.md",
    "docs/licences.md",
    "docs/plugins.md",
    "docs/policy.md",
    "docs/profiles.md",
    "docs/synth.md",
    "docs/threat_model.md",
    "docs/reference/command_line.md",
    *(f"docs/tutorial/{page}.md" for page in ("first_run", "site_policy", "comparing_detectors", "first_plugin")),
]
CONTEXT = click.Context(cli)
SETUP = re.findall(r"^    (python3 .+)$", README.partition("## Set up")[2].partition("\n## ")[0], re.MULTILINE)

EXTRA = (["--only", "es"], ["-n0", str(ROOT / "tests" / "imaging" / "test_boxes.py")])


def commands() -> dict[str, click.Command]:
    """Every command by its full name, groups with what is below them."""
    found: dict[str, click.Command] = {}
    for name in (*cli.list_commands(CONTEXT), *(str(command.name) for command in installed().commands())):
        command = cli.get_command(CONTEXT, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {below}": sub for below, sub in command.commands.items()}
    return found


COMMANDS = commands()
OPTIONS = {
    option for command in COMMANDS.values() for item in command.params for option in item.opts if option.startswith("--")
}


def code(page: str) -> str:
    """All that stands in code: spans and blocks."""
    text = (ROOT / page).read_text()
    spans = re.findall(r"`([^`\n]+)`", text)
    blocks = re.findall(r"^    .+$", text, re.MULTILINE) + re.findall(r"```.*?```", text, re.DOTALL)
    return "\n".join([*spans, *blocks])


def test_there_are_exactly_two_set_up_commands():
    assert SETUP == ["python3 bootstrap.py demo", "python3 bootstrap.py test"]


@pytest.mark.timeout(700)
@pytest.mark.parametrize(("command", "extra"), list(zip(SETUP, EXTRA, strict=True)))
def test_set_up_commands_run_from_what_is_installed(tmp_path, command, extra):
    """The part of them that needs no network: --here leaves out the installation."""
    script, what = command.split()[1:]
    words = [sys.executable, str(ROOT / script), what, "--here", "-p", "no:cacheprovider", *extra]
    if what == "demo":
        words = [word for word in words if word not in {"-p", "no:cacheprovider"}]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("before and after: deidkit-demo" in done.stdout) if what == "demo" else (" passed" in done.stdout)


def test_bootstrap_reads_with_the_oldest_python_it_refuses():
    import ast

    ast.parse((ROOT / "bootstrap.py").read_text(), feature_version=(3, 7))


@pytest.mark.parametrize("page", PAGES)
def test_every_option_named_exists(page):
    other = {"--here", "--lf", "--no-deps", "--picture", "--strict", "--version", "--help", "--write"}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", code(page)))
    assert named <= OPTIONS | other, f"no command has {sorted(named - OPTIONS - other)}"


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists(page):
    for line in re.findall(r"(?<![\w/.])deidkit ((?:[a-z]+ ?)+)", code(page)):
        words = line.split()
        first = words[0]
        if first in {"import", "installed"}:
            continue
        assert first in COMMANDS, f"deidkit {first}"
        command = COMMANDS[first]
        if isinstance(command, click.Group) and len(words) > 1:
            assert f"{first} {words[1]}" in COMMANDS, f"deidkit {first} {words[1]}"


def test_the_readme_lists_every_command():
    table = README.partition("| command | purpose |")[2].partition("\n\n")[0]
    listed = [name for name, command in COMMANDS.items() if not isinstance(command, click.Group)]
    assert [name for name in listed if not re.search(rf"`(?:deidkit )?[\w ]*\b{name.split()[-1]}\b", table)] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_and_paths_lead_somewhere(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), target
    for path in re.findall(r"`((?:docs|tests|deidkit|\.ci)/[\w./-]+)`", text):
        assert (ROOT / path).exists() or (ROOT / "deidkit" / path.removeprefix("deidkit/")).exists(), path


def test_the_picture_is_there_and_small():
    picture = ROOT / "docs" / "before-after.png"
    assert "](docs/before-after.png)" in README[:1500]
    assert 50_000 < picture.stat().st_size < 600_000


def test_the_profile_of_the_tutorial_loads(tmp_path):
    page = (ROOT / "docs" / "tutorial" / "site_policy.md").read_text()
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "echo_lab.yaml").write_text(example)
    assert ProfileSet.load(installed(), [tmp_path]).get("echo_lab").extends == "us"


def test_the_python_example_names_what_there_is():
    import deidkit

    [example] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    for name in re.findall(r"deidkit\.(\w+)", example):
        assert hasattr(deidkit, name), name


def test_documented_exit_codes_are_those_of_the_errors():
    from deidkit import errors

    page = (ROOT / "docs" / "reference" / "command_line.md").read_text()

    tree = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, errors.DeidkitError)]
    codes = {int(found) for found in re.findall(r"^\| (\d) \|", page, re.MULTILINE)}
    assert codes == {0} | {item.exit_code for item in tree}


@pytest.mark.parametrize(
    "name", ["RapidOCR", "PP-OCR", "python-gdcm", "ONNX Runtime", "OpenCV", "Tesseract", "pydicom", "NEMA"]
)
def test_licences_are_named(name):
    assert name in (ROOT / "docs" / "licences.md").read_text()


def test_every_hook_and_kind_is_documented():
    page = (ROOT / "docs" / "plugins.md").read_text()
    hooks = [name for name in vars(hookspecs.Hooks) if name.startswith("deidkit_")]
    assert [name for name in [*hooks, *(f"| `{kind}` |" for kind in INTERFACES)] if name not in page] == []
    assert [contract.__name__ for contract in contracts.BY_KIND.values() if f"`{contract.__name__}`" not in page] == []


def test_the_architecture_lists_the_layers_in_their_order():
    layers = re.search(r'containers = \["deidkit"\].*?\nlayers = \[(.*?)\n\]', (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert layers is not None
    names = [name for name in re.findall(r"\w+", layers[1]) if name != "__main__"]
    section = (ROOT / "docs" / "architecture.md").read_text().partition("## Layers")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == names
    rooms = [name for name in names if (ROOT / "deidkit" / name).is_dir() and name not in {"cli", "testing", "compare", "demo"}]
    files = [path.stem for room in rooms for path in (ROOT / "deidkit" / room).glob("*.py") if path.stem != "__init__"]
    assert [name for name in files if f"`{name}`" not in section] == []
