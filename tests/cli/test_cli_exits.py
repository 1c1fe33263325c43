"""One place turns exceptions into exit codes; what it prints names nobody."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from deidkit import errors
from deidkit.cli.exits import invoke, mask

SECRET = "DOE^JANE"


def ending_with(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RunError("the disk is full"), 1),
        (errors.UsageError("wrong"), 2),
        (errors.ProfileError(["a.yaml:1:1: one", "a.yaml:2:1: two"]), 2),
        (errors.KeyFileError("no key"), 2),
        (errors.EnvironmentFault("no program"), 4),
        (errors.PluginError("broken"), 4),
        (errors.UnreadableFile("pixels-truncated", "cut short"), 3),
    ],
)
def test_each_error_has_its_code_and_says_its_own_words(capsys, error, code):
    assert invoke(ending_with(error), []) == code
    assert capsys.readouterr().err == "".join(f"deidkit: {line}\n" for line in str(error).splitlines())


def test_an_unexpected_error_tells_its_type_and_place_alone(capsys):
    assert invoke(ending_with(ValueError(SECRET)), []) == 1
    said = capsys.readouterr()
    assert "unexpected ValueError at test_cli_exits.py:" in said.err
    assert SECRET not in said.err + said.out


def test_an_interrupt_is_a_failed_run(capsys):
    assert invoke(ending_with(KeyboardInterrupt()), []) == 1
    assert "--resume" in capsys.readouterr().err


def test_what_a_command_returns_is_the_exit_code():
    assert invoke(click.Command("three", callback=lambda: 3), []) == 3
    assert invoke(click.Command("none", callback=lambda: None), []) == 0


def test_values_of_arguments_are_masked_and_options_stay():
    given = ["run", f"/data/{SECRET}.dcm", "--workers", "Jane", "--key=/home/Jane.key"]
    message = f"Got unexpected argument /data/{SECRET}.dcm near --workers, 'Jane', /home/Jane.key"
    assert mask(message, given) == "Got unexpected argument ... near --workers, '...', ..."


def test_help_imports_only_click_beside_the_standard_library():
    script = "import sys\nbefore, sys.argv[1:] = set(sys.modules), ['--help']\n"
    script += "try:\n import deidkit.__main__\nexcept SystemExit: pass\n"
    script += "print(sorted({name.partition('.')[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.endswith("['click', 'deidkit']\n")
