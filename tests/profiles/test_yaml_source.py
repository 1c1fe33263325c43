from __future__ import annotations

import pytest

from deidkit import yaml_source
from deidkit.errors import ProfileError


def problems(text: str | bytes) -> list[str]:
    raw = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ProfileError) as caught:
        yaml_source.loads(raw, "f.yaml")
    return caught.value.problems


def test_scalars_resolve_narrowly() -> None:
    text = (
        "[no, NO, off, 2024-01-01, 12:30, 007, 0x1F, True, .inf, 1_000, true, false, null, ~, 3, -2, 1.5, 1e3, '1', \"true\"]"
    )
    assert yaml_source.loads(text.encode(), "f").data == [
        *["no", "NO", "off", "2024-01-01", "12:30", "007", "0x1F", "True", ".inf", "1_000"],
        *[True, False, None, None, 3, -2, 1.5, 1000.0, "1", "true"],
    ]


def test_every_value_and_key_has_its_place() -> None:
    document = yaml_source.loads(b"a:\n  b: [1, {c: x}]\n", "f.yaml")
    assert str(document.mark(("a", "b", 1, "c")).says("m")) == "f.yaml:2:14: m"
    assert document.key_mark(("a", "b", 1, "c")).column == 11
    assert document.key_mark(("a", "b", 0)) == document.marks["a", "b", 0]
    assert document.mark(("a", "missing")) == document.marks[("a",)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!int '3'", "f.yaml:1:4: tags are not allowed: 'tag:yaml.org,2002:int'"),
        ("a: !x 3", "f.yaml:1:4: tags are not allowed: '!x'"),
        ("a: &x 3", "f.yaml:1:4: anchors are not allowed: &'x'"),
        ("a: 1\n<<: {b: 2}", "f.yaml:2:1: merge keys are not allowed"),
        ("a: {b: {c: 1}, b: {c: 2}}", "f.yaml:1:16: the key 'b' is here twice; the first one is on line 1"),
        ("? [a]\n: 1", "f.yaml:1:3: a key must be plain text"),
        ("%YAML 1.1\n---\na: no", "f.yaml:1:1: directives are not allowed"),
        ("a: 1e999", "f.yaml:1:4: the number is out of range"),
        ("a: \x07", "f.yaml:1:1: not valid YAML: a control character"),
        (b"a: 1\nb: \xff", "f.yaml:2:1: not valid UTF-8"),
        (b"#" * (256 * 1024 + 1), "f.yaml:1:1: the file is larger than 256 KB"),
    ],
)
def test_what_is_refused(text: str | bytes, message: str) -> None:
    assert message in problems(text)


def test_an_alias_bomb_is_never_expanded() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    assert sum("aliases are not allowed" in line for line in problems(bomb)) == 16


def test_nesting_ends_at_the_cap_instead_of_the_stack() -> None:
    assert problems("[" * 100_000) == ["f.yaml:1:33: nested more than 32 deep"]


def test_a_flood_of_problems_is_cut() -> None:
    assert len(problems("a: 1\n" * 5000)) == yaml_source.MOST_PROBLEMS


def test_an_unreadable_file_is_a_problem_too(tmp_path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        yaml_source.load(tmp_path / "none.yaml", "none.yaml")
