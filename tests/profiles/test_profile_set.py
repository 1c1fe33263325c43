from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from profile_fakes import Blackbox, component, for_builtin, registry

from deidkit.errors import ProfileError, UsageError
from deidkit.profiles.profile_set import Layer, ProfileSet, schema
from deidkit.profiles.schema import KEYS
from deidkit.registry import Registry

BAD = Path(__file__).parent / "bad"
KNOWN = Path(__file__).parent / "known"
WHOLE = """\
detect: [{use: rapidocr}]
decide: {use: policy}
redact: {use: blackbox}
scrub: [{use: ps315}]
verify: [{use: recheck}]
"""


def write(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(f"profile: {name}\nschema_version: 1\n{body}")
    return path


def load(*folders: Path, builtin: bool = True, using: Registry | None = None) -> ProfileSet:
    return ProfileSet.load(using or for_builtin(), folders, builtin)


def refused(*folders: Path, builtin: bool = True) -> str:
    with pytest.raises(ProfileError) as caught:
        load(*folders, builtin=builtin)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_golden_bad_profiles(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(ProfileError) as caught:
        load(KNOWN, builtin=False, using=registry()).read(Path(path.name))
    assert str(caught.value) + "\n" == path.with_suffix(".txt").read_text()


def test_a_stage_is_replaced_whole_and_the_rest_is_inherited(tmp_path: Path) -> None:
    write(tmp_path, "one", WHOLE + "limits: {frames: 5}\nmatch: {modality: US}\nrefuse: {quality: blurred}\n")
    write(tmp_path, "two", "extends: one\nredact: {use: blackbox, options: {margin_px: 9}}\nverify: [{use: sweep}]\n")
    two = load(tmp_path, builtin=False).get("two")
    assert [use.name for use in two.verify] == ["sweep"]
    assert two.redact[0].options == Blackbox(margin_px=9)
    assert [use.name for use in two.detect] == ["rapidocr"]
    assert two.limits.frames == 5
    assert two.refuse == {"quality": {"blurred"}}
    assert two.match is None


def test_circles_are_named(tmp_path: Path) -> None:
    for name, parent in {"a": "b", "b": "c", "c": "a"}.items():
        write(tmp_path, name, f"extends: {parent}\n")
    assert "profiles extend each other in a circle: a -> b -> c -> a" in refused(tmp_path, builtin=False)


def test_a_name_is_taken_over_only_by_saying_so(tmp_path: Path) -> None:
    write(tmp_path, "us", "extends: us\n")
    assert "say 'replaces: us' if that is meant" in refused(tmp_path)
    write(tmp_path, "us", "extends: us\nreplaces: us\nredact: {use: blackbox, options: {margin_px: 7}}\n")
    profile = load(tmp_path).get("us")
    assert profile.layer is Layer.SITE
    assert profile.match == {"kind": {"image"}, "modality": {"US", "IVUS", "BDUS"}}
    assert profile.redact[0].options == Blackbox(margin_px=7)


def test_a_replacement_answers_for_the_name(tmp_path: Path) -> None:
    write(tmp_path, "echo_lab", "extends: us\nreplaces: us\n")
    profiles = load(tmp_path)
    assert profiles.get("us").name == "echo_lab"
    assert "us" not in profiles.names()


def test_two_replacements_of_one_profile_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "one", "extends: us\nreplaces: us\n")
    write(tmp_path, "two", "extends: us\nreplaces: us\n")
    assert "'us' is replaced by 'one' as well" in refused(tmp_path)


def test_problems_of_all_files_come_together(tmp_path: Path) -> None:
    write(tmp_path, "one", "extends: base\ndetekt: 1\n")
    write(tmp_path, "two", "extends: one\nverify: []\n")
    text = refused(tmp_path)
    assert "one.yaml:4:1: unknown key 'detekt'" in text
    assert "two.yaml:4:9: the stage verify is empty" in text


def test_a_missing_folder_is_no_silent_default(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "nowhere")


def test_visual_features_are_accepted_once_something_can_do_it(tmp_path: Path) -> None:
    body = "extends: base\nscrub: [{use: ps315, options: {clean: [recognizable_visual_features]}}]\n"
    path = write(tmp_path, "faces", body)
    able = registry(component("redactor", "defacer", family="recognizable_visual_features"))
    with pytest.raises(ProfileError, match="no installed plugin can do it"):
        load(KNOWN, builtin=False, using=registry()).read(path)
    assert load(KNOWN, builtin=False, using=able).read(path).name == "faces"


def test_the_digest_follows_what_matters(tmp_path: Path) -> None:
    one = load().read(write(tmp_path, "one", "extends: base\nsummary: x\n")).digest
    assert load().read(write(tmp_path, "one", "extends: base\nsummary: y\n")).digest == one
    changed = "extends: base\nredact: {use: blackbox, options: {margin_px: 4}}\n"
    assert load().read(write(tmp_path, "one", changed)).digest != one


def test_the_digest_is_the_same_in_every_process() -> None:
    code = (
        "from profile_fakes import for_builtin; from deidkit.profiles.profile_set import ProfileSet;"
        "print([p.digest for p in ProfileSet.load(for_builtin())])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[1])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(runs) == 1


def test_every_built_in_profile_gives_its_reason() -> None:
    for profile in load():
        head = profile.source.read_text().split("profile:")[0]
        assert len(head) > 100 and all(line.startswith("# ") for line in head.strip().splitlines())
        assert profile.summary
        assert profile.verify


def test_no_built_in_profile_is_weaker_than_base() -> None:
    profiles = load()
    base = profiles.get("base")
    for profile in profiles:
        assert {use.name for use in base.scrub} <= {use.name for use in profile.scrub}
        if profile.pixels == "redact":
            assert set(base.detect) <= set(profile.detect)
            assert set(base.verify) <= set(profile.verify)
            assert profile.redact[0].options.margin_px >= base.redact[0].options.margin_px


def test_what_retains_more_than_the_basic_profile_is_chosen_by_name_only() -> None:
    retaining = {
        profile.name for profile in load() if profile.scrub[0].options.retain or profile.scrub[0].options.dates != "remove"
    }
    assert retaining == {"mr_research", "pet_research", "rt_research", "sr_research"}
    assert all(load().get(name).match is None for name in retaining)


def test_a_base_of_the_site_changes_every_built_in_profile_that_does_not_say_otherwise(tmp_path: Path) -> None:
    builtin = {profile.name: profile for profile in load()}
    write(
        tmp_path,
        "base",
        "replaces: base\nextends: base\nscrub: [{use: ps315, options: {clean: [descriptors], dates: shift}}]\n",
    )
    changed = {profile.name for profile in load(tmp_path) if profile.scrub[0].options.dates == "shift"}
    own = {"sr", "rt", "mr_research", "pet_research", "rt_research", "sr_research"}
    assert {name for name in builtin if name not in own} <= changed
    assert all(builtin[name].detect == profile.detect for name, profile in ((one.name, one) for one in load(tmp_path)))


def test_an_unknown_name_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="there is no profile 'ct-mr'; did you mean 'ct_mr'"):
        load().get("ct-mr")


def test_the_schema_knows_keys_components_and_options() -> None:
    made = schema(registry())
    json.dumps(made)
    assert set(made["properties"]) == set(KEYS)
    detectors = made["properties"]["detect"]["anyOf"][0]["anyOf"]
    assert [item["properties"]["use"]["const"] for item in detectors] == ["rapidocr", "tesseract"]
    assert "min_confidence" in detectors[1]["properties"]["options"]["properties"]
    assert "scrubber.ps315.Clean" in made["$defs"]
