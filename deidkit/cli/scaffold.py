"""Writes the project that ``deidkit plugins new`` starts somebody off with."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from deidkit.cli.scaffold_bodies import BODIES
from deidkit.errors import UsageError

NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "deidkit-$dashed"
version = "0.1.0"
description = "A $kind for deidkit"
requires-python = ">=3.10"
dependencies = ["deidkit-imaging"]

[project.entry-points.deidkit]
$name = "deidkit_$name"

[tool.hatch.build.targets.wheel]
packages = ["deidkit_$name"]
"""

INIT = '''\
"""A $kind for deidkit."""

from __future__ import annotations

from collections.abc import Sequence

from deidkit.components import Component
from deidkit.hookspecs import hookimpl

from deidkit_$name.options import Options$camel


def _build(options: Options$camel) -> object:
    from deidkit_$name.component import $camel

    return $camel(options)


@hookimpl
def deidkit_components() -> Sequence[Component]:
    return [
        Component(
            kind="$kind",
            name="$name",
            options=Options$camel,
            build=_build,
            summary="$summary",
        )
    ]
'''

OPTIONS = '''\
"""Options of the $kind."""

from __future__ import annotations

from pydantic import Field

from deidkit.components import Options


class Options$camel(Options):
$fields
'''

TEST = '''\
"""Contract tests of the $kind."""

from __future__ import annotations

import pytest
from deidkit.testing.contracts import ${base}Contract

from deidkit_$name.component import $camel
from deidkit_$name.options import Options$camel


class Test$camel(${base}Contract):
$settings

    @pytest.fixture
    def component(self):
        return $camel(Options$camel())
'''

README = """\
# deidkit-$dashed

A $kind for [deidkit](https://pypi.org/project/deidkit-imaging/). Name it in a profile to use it:

    $usage

`pip install -e . && pytest` runs the contract tests.
"""

USAGE = {
    "classifier": "classify: {use: $name}  # in the site.yaml of a folder given with --profiles",
    "detector": "detect: [{use: rapidocr}, {use: $name}]",
    "policy": "decide: {use: $name}",
    "recogniser": "recognise: [{use: $name}]",
    "redactor": "redact: {use: $name}",
    "scrubber": "scrub: [{use: ps315}, {use: $name}]",
    "tagger": "(scrubbers that clean text take taggers by name in their options)",
    "verifier": "verify: [{use: recheck}, {use: sweep}, {use: $name}]",
}


def write(name: str, kind: str, into: Path) -> Path:
    """Writes the project ``deidkit-NAME`` below ``into`` and returns its folder.

    Raises:
        UsageError: the name cannot be that of a plugin, or the folder exists.
    """
    if not NAME.fullmatch(name):
        raise UsageError("a plugin's name consists of lower-case letters, digits and single dashes; it begins with a letter")
    folder = into / f"deidkit-{name.replace('_', '-')}"
    if folder.exists():
        raise UsageError("the folder already exists; nothing was written")
    body = BODIES[kind]
    words = re.split(r"[-_]", name)
    values = {"name": "_".join(words), "dashed": "-".join(words), "kind": kind, "camel": "".join(map(str.capitalize, words))}
    values |= {"base": kind.capitalize(), "summary": body.summary, "fields": body.fields, "settings": body.settings}
    values["usage"] = Template(USAGE[kind]).substitute(values)
    package = f"deidkit_{values['name']}"
    files = {
        "pyproject.toml": PYPROJECT,
        "README.md": README,
        f"{package}/__init__.py": INIT,
        f"{package}/options.py": OPTIONS,
        f"{package}/component.py": body.code,
        f"{package}/py.typed": "",
        f"tests/test_{values['name']}.py": TEST,
    }
    for path, template in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template).substitute(values), encoding="utf-8")
    return folder
