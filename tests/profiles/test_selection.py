from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from profile_fakes import for_builtin

from deidkit.components import Component, Options
from deidkit.errors import ItemError, ProfileError, UsageError
from deidkit.hookspecs import hookimpl
from deidkit.profiles.profile_set import ProfileSet, Rules, Use
from deidkit.profiles.selection import choose, choose_classifier
from deidkit.registry import Registry, installed
from deidkit.types import UNSERVED, Label, Labels


def labels(modality: str | None = None, kind: str | None = "image", maker: str | None = None, conflict: bool = False) -> Labels:
    return Labels(Label(modality), Label(kind), Label(maker), Label(None), conflict)


def site(folder: Path, files: dict[str, str]) -> ProfileSet:
    for name, body in files.items():
        head = "" if name == "site" else f"profile: {name}\nschema_version: 1\nextends: base\n"
        (folder / f"{name}.yaml").write_text(head + body)
    return ProfileSet.load(for_builtin(), [folder])


def refusal(given: Labels, profiles: ProfileSet, rules: Rules | None = None) -> ItemError:
    with pytest.raises(ItemError) as caught:
        choose(given, profiles, rules)
    return caught.value


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (labels("US"), "us"),
        (labels("DX"), "xr"),
        (labels("PX"), "dental"),
        (labels("MG"), "mg"),
        (labels("CT"), "ct_mr"),
        (labels("CT", "capture"), "capture"),
        (labels(None, "capture"), "capture"),
        (labels(None, "sr"), "sr"),
        (labels(None, "image"), "strict"),
        (labels("US", None), "strict"),
        (labels(None, None), "strict"),
        (labels("US", conflict=True), "strict"),
    ],
)
def test_built_in_choice(given: Labels, name: str) -> None:
    assert choose(given, ProfileSet.load(for_builtin())).name == name


@pytest.mark.parametrize("kind", UNSERVED)
def test_kinds_that_no_built_in_profile_takes_are_quarantined_with_the_reason(kind: str, tmp_path: Path) -> None:
    error = refusal(labels("SM", kind), ProfileSet.load(for_builtin()))
    assert (error.code, error.detail) == UNSERVED[kind]
    assert choose(labels("SM", kind), site(tmp_path, {"ours": f"match: {{kind: {kind}}}\n"})).name == "ours"


def test_what_no_profile_matches_is_quarantined() -> None:
    error = refusal(labels("SEG"), ProfileSet.load(for_builtin()))
    assert (error.code, error.detail) == ("no-profile", "no profile matches modality SEG, kind image")


def test_a_site_beats_the_built_in_ones_even_when_less_specific(tmp_path: Path) -> None:
    profiles = site(tmp_path, {"ours": "match: {modality: US}\n"})
    assert choose(labels("US"), profiles).name == "ours"
    assert choose(labels("CT"), profiles).name == "ct_mr"


def test_the_most_specific_match_wins_and_a_tie_quarantines(tmp_path: Path) -> None:
    files = {
        "wide": "match: {modality: [US, CT]}\n",
        "narrow": "match: {modality: US}\n",
        "made": "match: {modality: US, manufacturer: ge}\n",
        "across": "match: {modality: [CT, MR]}\n",
    }
    profiles = site(tmp_path, files)
    assert choose(labels("US"), profiles).name == "narrow"
    assert choose(labels("US", maker="ge"), profiles).name == "made"
    error = refusal(labels("CT"), profiles)
    assert (error.code, error.detail) == ("profile-tie", "several profiles match equally well: across, wide")


def test_a_site_says_what_unsure_and_contradicting_files_get(tmp_path: Path) -> None:
    rules = "select:\n  unsure: quarantine\n  contradicting: capture\n  rules: [{match: {modality: MR}, profile: us}]\n"
    profiles = site(tmp_path, {"site": rules})
    assert refusal(labels(None), profiles).code == "labels-unsure"
    assert choose(labels("CT", conflict=True), profiles).name == "capture"
    assert choose(labels("MR"), profiles).name == "us"


def test_a_rule_may_quarantine(tmp_path: Path) -> None:
    profiles = site(tmp_path, {"site": "select: {rules: [{match: {modality: ES}, profile: quarantine}]}\n"})
    assert refusal(labels("ES"), profiles).code == "no-profile"


def test_a_bad_site_file_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ProfileError) as caught:
        site(tmp_path, {"site": "select: {unsure: strikt, rule: [], rules: [{match: {kind: image}}]}\n"})
    lines = [line.partition("site.yaml:")[2] for line in caught.value.problems]
    assert [line.split(";")[0] for line in lines] == [
        "1:18: there is no profile 'strikt'",
        "1:26: unknown key 'rule'",
        "1:44: a rule is {match: ..., profile: NAME}",
    ]


def test_a_profile_refuses_bad_images(tmp_path: Path) -> None:
    profiles = site(tmp_path, {"ours": "match: {modality: US}\nrefuse: {quality: [blurred, empty]}\n"})
    blurred = Labels(Label("US"), Label("image"), quality=Label("blurred"))
    error = refusal(blurred, profiles)
    assert (error.code, error.detail) == ("refused-by-profile", "profile ours refuses quality blurred")


def test_free_text_of_a_label_never_reaches_the_message() -> None:
    error = refusal(Labels(Label("Doe^Jane"), Label("image"), Label("Doe^Jane")), ProfileSet.load(for_builtin()))
    assert "Doe" not in str(error)


class Demanding(Options):
    site_name: str


def with_classifiers(*components: Component) -> Registry:
    @hookimpl
    def deidkit_components() -> list[Component]:
        return list(components)

    return Registry.of({"fakes": SimpleNamespace(deidkit_components=deidkit_components)})


def named(name: str, options: type[Options] = Options) -> Component:
    return Component("classifier", name, options, lambda _: None, "a fake")


def test_the_only_classifier_needs_no_naming() -> None:
    chosen = choose_classifier(Rules(), installed())
    assert chosen is not None and chosen.name == "modality"
    assert choose_classifier(Rules(), with_classifiers()) is None
    assert choose_classifier(Rules(), with_classifiers(named("lone"))) == Use("lone", Options())


def test_a_lone_classifier_that_needs_options_is_asked_for_by_name() -> None:
    with pytest.raises(UsageError, match=r"classifier lone needs options; write 'classify: \{use: lone\}' into"):
        choose_classifier(Rules(), with_classifiers(named("lone", Demanding)))


def test_the_site_has_the_last_word() -> None:
    rules = Rules(classifier=Use("b", Options()))
    assert choose_classifier(rules, with_classifiers(named("a"), named("b"))) == Use("b", Options())
    assert rules.digest != Rules().digest
