"""Which profile a file would get and why, and what would become of one of its attributes. Nothing is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deidkit.errors import ItemError, UsageError
from deidkit.headers import uids
from deidkit.headers.quiet import quiet
from deidkit.identity.harvest import harvest
from deidkit.image import Image
from deidkit.interfaces import AttributeRules, Classifier, SeveralOpinions
from deidkit.item import reading
from deidkit.keys import NO_KEYS
from deidkit.limits import Limits
from deidkit.profiles.profile_set import Profile, ProfileSet
from deidkit.profiles.schema import LABELS
from deidkit.profiles.selection import Choice, check_pixels, check_refused, choose_classifier, find_choice
from deidkit.registry import Registry
from deidkit.types import Context, Deadline, Label, Labels

WORD = re.compile(r"[a-z0-9_-]{1,32}")
"""The form of labels that profiles can match where classifiers may bring words of their own."""

OTHER_WORD = "(a word of its own)"
"""Stands for a label outside of the vocabulary that profiles match, which may be a value of the header."""

NAMES = tuple(LABELS)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is told of one file.

    ``opinions`` has what each source of ``classifier`` says for itself, ``labels`` what it concludes. ``refusal`` is the code
    with words with which the file would be quarantined for its labels; empty when it would not. ``attribute`` has for each
    scrubber what it says of the attribute that was asked for.
    """

    classifier: str
    opinions: Mapping[str, Labels]
    labels: Labels
    choice: Choice | None
    refusal: str = ""
    attribute: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


def explain(path: Path, registry: Registry, profiles: ProfileSet, attribute: str = "") -> Explanation:
    """Takes a file through reading, classification and choice as a run does, under the highest limits of all profiles.

    Raises:
        ItemError: the file cannot be read or classified.
        UsageError: several classifiers and none named, or ``attribute`` is none.
    """
    with quiet():
        formats = {name: registry.build("format", name) for name in registry.names("format")}
        _, image = reading.read(path, formats, Limits.ceiling(*(profile.limits for profile in profiles)))
        uids.check_class(image.header)
        chosen = choose_classifier(profiles.rules, registry)
        classifier: Classifier | None = registry.build("classifier", chosen.name, chosen.options) if chosen else None
        labels = classifier.classify(image) if classifier else Labels()
        opinions: Mapping[str, Labels] = classifier.opinions(image) if isinstance(classifier, SeveralOpinions) else {}
        choice, refusal = _chosen(image, labels, profiles)
        told = _attribute(attribute, choice.profile, registry, image, labels) if choice and attribute else {}
    return Explanation(chosen.name if chosen else "", opinions, labels, choice, refusal, told)


def _chosen(image: Image, labels: Labels, profiles: ProfileSet) -> tuple[Choice | None, str]:
    choice = None
    try:
        choice = find_choice(labels, profiles)
        check_refused(labels, choice.profile)
        check_pixels(image, choice.profile)
    except ItemError as error:
        return choice, str(error)
    return choice, ""


def _attribute(
    attribute: str, profile: Profile, registry: Registry, image: Image, labels: Labels
) -> dict[str, tuple[tuple[str, str], ...]]:
    detectors = tuple(use.name for use in profile.detect)
    deadline = Deadline.after(profile.limits.stage_seconds)
    context = Context(labels, profile.name, detectors, NO_KEYS, deadline, image.header, harvest(image.header, profile.limits))
    told: dict[str, tuple[tuple[str, str], ...]] = {}
    for use in profile.scrub:
        scrubber = registry.build("scrubber", use.name, use.options)
        if not isinstance(scrubber, AttributeRules):
            told[use.name] = (("rule", "the scrubber does not tell"),)
            continue
        try:
            told[use.name] = tuple(scrubber.explain(attribute, image.header, context))
        except ValueError as error:
            raise UsageError(str(error)) from None
    return told


def as_data(explanation: Explanation) -> dict[str, Any]:
    """All of it as JSON-able data, labels outside of the vocabulary of profiles left out."""
    choice = explanation.choice
    return {
        "classifier": explanation.classifier or None,
        "opinions": {name: _labels(said) for name, said in explanation.opinions.items()},
        "labels": _labels(explanation.labels),
        "contradiction": contradiction(explanation) or None,
        "profile": _choice(choice) if choice else None,
        "refusal": explanation.refusal or None,
        "attribute": {name: [list(pair) for pair in told] for name, told in explanation.attribute.items()},
    }


def contradiction(explanation: Explanation) -> str:
    """Which sources contradict each other; empty when none do."""
    if not explanation.labels.conflict:
        return ""
    own = [name for name, said in explanation.opinions.items() if said.conflict]
    if own:
        return f"{' and '.join(own)} within itself (SOP class, Modality, file meta information)"
    return " and ".join(explanation.opinions) or "the classifier does not tell between what"


def word(name: str, label: Label) -> str:
    """The value of a label if it is one that may be shown; empty where it is unsure."""
    if label.value is None:
        return ""
    known = LABELS[name]
    shown = WORD.fullmatch(label.value) is not None if known is None else label.value in known
    return label.value if shown else OTHER_WORD


def _labels(labels: Labels) -> dict[str, Any]:
    found: dict[str, Label] = {name: getattr(labels, name) for name in NAMES}
    return {
        name: {"value": word(name, label) or None, "confidence": round(label.confidence, 4)} for name, label in found.items()
    }


def _choice(choice: Choice) -> dict[str, Any]:
    profile = choice.profile
    return {
        "name": profile.name,
        "by": choice.by,
        "match": {name: sorted(words) for name, words in (choice.match or {}).items()} or None,
        "asked": choice.layer.value if choice.layer else None,
        "outdone": list(choice.outdone),
        "weaker": list(choice.weaker),
        "layer": profile.layer.value,
        "file": str(profile.source),
        "digest": profile.digest,
        "stages": {
            key: {"profile": origin.profile, "layer": origin.layer.value, "file": str(origin.source)}
            for key, origin in sorted(profile.origins.items())
        },
    }
