"""From exactly one classifier, by what it says, to exactly one profile, or to quarantine.

A file whose labels contradict or are unsure gets what the site's rules say, by default the strictest profile. For all others
the layers are asked in order (the site's rules and profiles, those of plugins, the built-in ones); the first layer with a match
decides. Within it the match that names most labels wins, among equally many the one whose values are part of the other's; a tie
quarantines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from deidkit.errors import ItemError, UnsupportedFile, UsageError
from deidkit.image import Image
from deidkit.profiles.files import QUARANTINE, Rules
from deidkit.profiles.model import Layer, Match, Profile, Use, matches
from deidkit.profiles.profile_set import ProfileSet
from deidkit.profiles.schema import INSPECT, LABELS, NONE, REDACT
from deidkit.types import UNSERVED, Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deidkit.components import Component
    from deidkit.registry import Registry

CONTRADICTING, UNSURE, RULE, MATCH = "contradicting", "unsure", "rule", "match"


@dataclass(frozen=True, slots=True)
class Choice:
    """The profile for a file, and what chose it.

    ``by`` is one of the site's answers for ``contradicting`` and ``unsure`` labels, a ``rule`` of the site, or the ``match`` of
    the profile, found in ``layer``. ``outdone`` names the profiles of that layer whose matches fit too and say less, ``weaker``
    those that fit in layers which were not asked any more.
    """

    profile: Profile
    by: str
    match: Match | None = None
    layer: Layer | None = None
    outdone: tuple[str, ...] = ()
    weaker: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    match: Match
    name: str
    by: str


def choose_classifier(rules: Rules, registry: Registry) -> Use | None:
    """The classifier that gives all labels: the one that the site names, else the only one installed; None without any.

    Raises:
        UsageError: several are installed and the site names none, or the only one cannot do without options.
    """
    if rules.classifier is not None:
        return rules.classifier
    found = registry.components("classifier")
    if len(found) > 1:
        owners = ", ".join(f"{component.name} ({registry.owner(component)})" for component in found)
        raise UsageError(f"several classifiers are installed and the site names none: {owners}; {_hint(found)}")
    try:
        return Use(found[0].name, found[0].options()) if found else None
    except ValidationError:
        raise UsageError(f"the classifier {found[0].name} needs options; {_hint(found)}") from None


def _hint(found: Sequence[Component]) -> str:
    lines = " or ".join(f"'classify: {{use: {component.name}}}'" for component in found)
    return f"write {lines} into the site.yaml of a folder given with --profiles"


def choose(labels: Labels, profiles: ProfileSet, rules: Rules | None = None) -> Profile:
    """The one profile for a file with these labels; ``rules`` default to those of the set.

    Raises:
        ItemError: ``no-profile``, ``profile-tie``, ``labels-contradict``, ``labels-unsure``, ``refused-by-profile``, or what
            ``deidkit.types.UNSERVED`` says of the kind.
    """
    choice = find_choice(labels, profiles, rules)
    check_refused(labels, choice.profile)
    return choice.profile


def find_choice(labels: Labels, profiles: ProfileSet, rules: Rules | None = None) -> Choice:
    """The same with what chose it, and without asking whether the profile refuses such files.

    Raises:
        ItemError: as ``choose``, but for ``refused-by-profile``.
    """
    rules = profiles.rules if rules is None else rules
    if labels.conflict:
        name = _answer(rules.contradicting, "labels-contradict", "header and content do not say the same")
        return Choice(_named(name, profiles), CONTRADICTING)
    if unsure(labels):
        name = _answer(rules.unsure, "labels-unsure", "what kind of image this is cannot be told")
        return Choice(_named(name, profiles), UNSURE)
    return _match(labels, profiles, rules)


def _named(name: str, profiles: ProfileSet) -> Profile:
    if name not in profiles:
        raise ItemError("no-profile", f"the profile {name} that the rules name is not there")
    return profiles.get(name)


def unsure(labels: Labels) -> bool:
    """Whether the kind is unknown, or that of an image whose modality is unknown."""
    return labels.kind.value is None or (labels.kind.value == "image" and labels.modality.value is None)


def check_refused(labels: Labels, profile: Profile) -> None:
    """Raises ItemError ``refused-by-profile`` when a label is one that the profile refuses."""
    for name, value in labels.values().items():
        if value is not None and value in profile.refuse.get(name, ()):
            raise ItemError("refused-by-profile", f"profile {profile.name} refuses {name} {value}")


def check_pixels(image: Image, profile: Profile) -> None:
    """Raises UnsupportedFile when the object is none that ``profile`` can do justice to.

    ``pixels-missing``, ``profile-mismatch``, or ``not-a-picture`` for samples that a redaction would destroy.
    """
    if not image.frame_count:
        if profile.pixels != NONE:
            raise UnsupportedFile(
                "pixels-missing", f"there is no pixel data, and profile {profile.name} is for objects with it"
            )
    elif profile.pixels == NONE:
        raise UnsupportedFile("profile-mismatch", f"there is pixel data, and profile {profile.name} is for objects without")
    elif image.is_picture and profile.pixels == INSPECT:
        raise UnsupportedFile("profile-mismatch", f"the samples are a picture, and profile {profile.name} redacts nothing")
    elif not image.is_picture and profile.pixels == REDACT:
        detail = f"the samples are labels or measurements, which are never altered, and profile {profile.name} redacts"
        raise UnsupportedFile("not-a-picture", detail)


def _answer(answer: str, code: str, detail: str) -> str:
    if answer == QUARANTINE:
        raise ItemError(code, detail)
    return answer


def _match(labels: Labels, profiles: ProfileSet, rules: Rules) -> Choice:
    found = {layer: _fitting(layer, labels, profiles, rules) for layer in Layer}
    for layer, candidates in found.items():
        if candidates:
            best = _winner(candidates)
            profile = _named(_answer(best.name, "no-profile", "a rule of the site quarantines such files"), profiles)
            weaker = {one.name for other in Layer if other.rank > layer.rank for one in found[other]}
            outdone = {one.name for one in candidates} - {best.name}
            return Choice(profile, best.by, best.match, layer, tuple(sorted(outdone)), tuple(sorted(weaker)))
    if labels.kind.value in UNSERVED:
        raise UnsupportedFile(*UNSERVED[labels.kind.value])
    known = [f"{name} {value}" for name, value in labels.values().items() if value in (LABELS[name] or ())]
    raise ItemError("no-profile", f"no profile matches {', '.join(known) or 'these labels'}")


def _fitting(layer: Layer, labels: Labels, profiles: ProfileSet, rules: Rules) -> list[_Candidate]:
    by_rule = rules.rules if layer is Layer.SITE else ()
    found = [_Candidate(rule.match, rule.profile, RULE) for rule in by_rule if matches(rule.match, labels)]
    own = (profile for profile in profiles if profile.layer is layer)
    return found + [_Candidate(one.match, one.name, MATCH) for one in own if one.match and matches(one.match, labels)]


def _winner(found: list[_Candidate]) -> _Candidate:
    best = [one for one in found if not any(_beats(other.match, one.match) for other in found)]
    names = sorted({one.name for one in best})
    if len(names) != 1:
        raise ItemError("profile-tie", f"several profiles match equally well: {', '.join(names)}")
    return best[0]


def _beats(one: Match, other: Match) -> bool:
    """Whether ``one`` is the more specific match."""
    if len(one) != len(other):
        return len(one) > len(other)
    return one.keys() == other.keys() and one != other and all(one[name] <= other[name] for name in one)
