"""Where profiles lie: the built-in folder, the folders of plugins and those of the site, with the site's ``site.yaml``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deidkit import yaml_source
from deidkit.errors import ProfileError
from deidkit.profiles.check import Draft, Problems, check, check_labels, check_name
from deidkit.profiles.component_options import check_use, offer
from deidkit.profiles.model import Layer, Match, Use, plain

if TYPE_CHECKING:
    from deidkit.registry import Registry

SITE = "site.yaml"
QUARANTINE = "quarantine"
STRICTEST = "strict"
_SITE = ("classify", "select")
_SELECT = ("unsure", "contradicting", "rules")


@dataclass(frozen=True, slots=True)
class Rule:
    """A site's own answer: files with these labels get this profile."""

    match: Match
    profile: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site decides about selection: the name of a profile, or ``quarantine``, for files whose labels are unsure or
    contradict each other, rules that go before every profile's own match, and the classifier that gives the labels.
    """

    unsure: str = STRICTEST
    contradicting: str = STRICTEST
    rules: tuple[Rule, ...] = ()
    classifier: Use | None = None

    @property
    def digest(self) -> str:
        """The first 12 hexadecimal digits of a SHA-256 over all of it."""
        return hashlib.sha256(json.dumps(plain(self), sort_keys=True).encode()).hexdigest()[:12]


def builtin_folder() -> Path:
    """``builtin`` inside this package (in a wheel), else ``profiles`` at the top of the checkout."""
    package = Path(__file__).parent
    inside = package / "builtin"
    return inside if inside.is_dir() else package.parents[1] / "profiles"


def read_draft(path: Path, layer: Layer, registry: Registry) -> Draft:
    """Reads and checks one file.

    Raises:
        ProfileError: it is not strict YAML; other problems are left in the draft.
    """
    return check(yaml_source.load(path, str(path)), path, layer, registry)


def read_folder(folder: Path, layer: Layer, registry: Registry, lines: list[str]) -> list[Draft]:
    """Drafts of every ``*.yaml`` and ``*.yml`` of a folder in the order of their names; problems are added to ``lines``."""
    if not folder.is_dir():
        lines.append(f"{folder}: the folder of profiles does not exist")
        return []
    drafts = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".yaml", ".yml") or path.name == SITE:
            continue
        try:
            draft = read_draft(path, layer, registry)
        except ProfileError as error:
            lines += error.problems
        else:
            drafts.append(draft)
            lines += draft.problems.lines()
    return drafts


def read_rules(folders: Sequence[Path], names: Sequence[str], registry: Registry, lines: list[str]) -> Rules:
    """The ``site.yaml`` of the first folder that has one; problems are added to ``lines``."""
    for folder in folders:
        path = folder / SITE
        if path.is_file():
            try:
                document = yaml_source.load(path, str(path))
            except ProfileError as error:
                lines += error.problems
                return Rules()
            problems = Problems(document)
            rules = _site(document.data, names, registry, problems)
            lines += problems.lines()
            return rules
    return Rules()


def _site(data: object, names: Sequence[str], registry: Registry, problems: Problems) -> Rules:
    if not isinstance(data, dict):
        problems.value((), f"site.yaml is a mapping of: {', '.join(_SITE)}")
        return Rules()
    for key in data:
        if key not in _SITE:
            problems.key((key,), f"unknown key {yaml_source.short(key)}{offer(key, _SITE, 'the keys are')}")
    rules = _rules(data.get("select", {}), names, problems)
    if "classify" not in data:
        return rules
    return replace(rules, classifier=check_use("classifier", data["classify"], ("classify",), problems, registry))


def _rules(section: object, names: Sequence[str], problems: Problems) -> Rules:
    if not isinstance(section, dict):
        problems.value(("select",), f"select must be a mapping of: {', '.join(_SELECT)}")
        return Rules()
    for key in section:
        if key not in _SELECT:
            problems.key(("select", key), f"unknown key {yaml_source.short(key)}{offer(key, _SELECT, 'the keys are')}")
    answers = {key: _answer(section[key], ("select", key), names, problems) for key in _SELECT[:2] if key in section}
    given = section.get("rules", [])
    if not isinstance(given, list):
        problems.value(("select", "rules"), "rules must be a list of {match: ..., profile: NAME}")
        given = []
    rules = [_rule(item, ("select", "rules", index), names, problems) for index, item in enumerate(given)]
    return Rules(
        unsure=answers.get("unsure", STRICTEST),
        contradicting=answers.get("contradicting", STRICTEST),
        rules=tuple(rule for rule in rules if rule is not None),
    )


def _answer(value: object, route: yaml_source.Route, names: Sequence[str], problems: Problems) -> str:
    good = (QUARANTINE, *names)
    if value not in good:
        problems.value(route, f"there is no profile {yaml_source.short(value)}{offer(value, good, 'it is one of')}")
    return str(value)


def _rule(item: object, route: yaml_source.Route, names: Sequence[str], problems: Problems) -> Rule | None:
    if not isinstance(item, dict) or set(item) != {"match", "profile"}:
        problems.value(route, "a rule is {match: ..., profile: NAME}")
        return None
    match = check_labels(item["match"], (*route, "match"), problems)
    profile = item["profile"]
    if profile != QUARANTINE:
        profile = check_name(profile, (*route, "profile"), problems)
    if profile is None or match is None:
        return None
    return Rule(match, _answer(profile, (*route, "profile"), names, problems))
