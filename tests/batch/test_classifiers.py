"""Exactly one classifier labels the files, and the site says which; the order of names or of installation never does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from string import Template

import pytest
import toy_classifiers
from conftest import PLUGINS, manifest
from toys import write_toy

from deidkit.batch.runner import Settings, plan, run
from deidkit.cli.scaffold import USAGE
from deidkit.errors import ProfileError, UsageError

BOTH = (*PLUGINS, ("labels", "toy_classifiers"))


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    write_toy(folder / "a", 1)
    return folder


def site(settings: Settings, tmp_path: Path, text: str) -> Settings:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text(text)
    return replace(settings, plugins=BOTH, folders=(folder,))


def test_two_that_nobody_chose_between_are_refused_before_a_file_is_touched(
    inputs: Path, settings: Settings, tmp_path: Path
) -> None:
    unnamed = replace(settings, plugins=BOTH)
    said = r"several classifiers .* aaa .* zzz .* write 'classify: \{use: aaa\}' or 'classify: \{use: zzz\}' into the site.yaml"
    with pytest.raises(UsageError, match=said) as caught:
        run([inputs], tmp_path / "out", unnamed)
    assert caught.value.exit_code == 2 and not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match=said):
        list(plan([inputs], unnamed))
    with pytest.raises(UsageError, match=said):
        unnamed.spec().engine()


@pytest.mark.parametrize("name", toy_classifiers.SAYS)
def test_the_one_that_the_site_names_gives_the_labels(inputs: Path, settings: Settings, tmp_path: Path, name: str) -> None:
    run([inputs], tmp_path / "out", site(settings, tmp_path, Template(USAGE["classifier"]).substitute(name=name)))
    line = manifest(tmp_path / "out")["a"]
    assert line["outcome"] == "released"
    assert line["labels"]["modality"] == toy_classifiers.SAYS[name]  # type: ignore[index]


def test_a_run_goes_on_only_under_the_classifier_that_it_began_with(inputs: Path, settings: Settings, tmp_path: Path) -> None:
    named = site(settings, tmp_path, "classify: {use: aaa}\n")
    run([inputs], tmp_path / "out", named)
    (tmp_path / "site" / "site.yaml").write_text("classify: {use: zzz}\n")
    with pytest.raises(UsageError, match="not the same site"):
        run([inputs], tmp_path / "out", replace(named, resume=True))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("classify: {use: zza}\n", "1:17: there is no classifier named 'zza'; did you mean 'zzz'? there are: aaa, zzz"),
        ("classify: zzz\n", "1:11: must be a mapping with use: NAME of a classifier"),
        ("classify: {use: zzz, options: {pixels: no}}\n", "1:32: classifier 'zzz' has no option 'pixels'"),
        ("clasify: {use: zzz}\n", "1:1: unknown key 'clasify'; did you mean 'classify'? the keys are: classify, select"),
        ("- classify\n", "1:1: site.yaml is a mapping of: classify, select"),
    ],
)
def test_what_is_wrong_in_the_site_file_is_said_with_its_place(
    inputs: Path, settings: Settings, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ProfileError) as caught:
        run([inputs], tmp_path / "out", site(settings, tmp_path, text))
    assert any(f"site.yaml:{said}" in problem for problem in caught.value.problems), caught.value.problems
    assert not (tmp_path / "out").exists()
