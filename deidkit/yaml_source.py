"""Strict YAML: plain data with the line and column of every value.

Built on PyYAML's parser events, not on its loaders, so nothing is constructed and no alias is ever expanded. Of YAML this takes
block and flow mappings, sequences and scalars. Tags, anchors, aliases, merge keys, directives, several documents and duplicate
keys are problems. Scalars resolve as in a narrowed YAML 1.2 core schema (section 10.3.2): ``true``, ``false``, ``null``, ``~``,
decimal integers and floats; everything else, ``no`` and dates included, stays text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from deidkit.errors import ProfileError

__all__ = ["Document", "Mark", "load", "loads"]

MOST_BYTES = 256 * 1024
MOST_DEPTH = 32
MOST_PROBLEMS = 100
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]{1,4})?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

Route = tuple[str | int, ...]
"""Keys and indices from the root to one value."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def says(self, message: str) -> str:
        return f"{self.file}:{self.line}:{self.column}: {message}"


@dataclass(frozen=True, slots=True)
class Document:
    """``marks`` holds the place of every value, ``keys`` the place of the key before it where there is one."""

    data: Any
    marks: dict[Route, Mark]
    keys: dict[Route, Mark]

    def mark(self, route: Route) -> Mark:
        """The place of the value at ``route``, or of the nearest thing around it."""
        while route and route not in self.marks:
            route = route[:-1]
        return self.marks[route]

    def key_mark(self, route: Route) -> Mark:
        return self.keys.get(route) or self.mark(route)


class _Stop(Exception):
    """Reading on makes no sense; the problem is already noted."""


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being filled."""

    made: Any
    route: Route
    key: str | None = None
    skip: bool = False

    def next_route(self) -> Route:
        return (*self.route, len(self.made)) if isinstance(self.made, list) else (*self.route, str(self.key))


@dataclass(slots=True)
class _Builder:
    file: str
    problems: list[tuple[Mark, str]] = field(default_factory=list)
    marks: dict[Route, Mark] = field(default_factory=dict)
    keys: dict[Route, Mark] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    root: Any = None

    def note(self, mark: Mark, message: str) -> None:
        self.problems.append((mark, message))
        if len(self.problems) >= MOST_PROBLEMS:
            raise _Stop

    def at(self, mark: Any) -> Mark:
        return Mark(self.file, mark.line + 1, mark.column + 1)

    def take(self, event: yaml.Event) -> None:
        mark = self.at(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self._document(event, mark)
        elif isinstance(event, yaml.AliasEvent):
            self.note(mark, "aliases are not allowed")
            self._scalar("", False, mark)
        elif isinstance(event, yaml.ScalarEvent):
            self._properties(event, mark)
            self._scalar(event.value, event.style is None, mark)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._properties(event, mark)
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()

    def _document(self, event: yaml.DocumentStartEvent, mark: Mark) -> None:
        if () in self.marks:
            self.note(mark, "only one document is allowed in a file")
            raise _Stop
        if event.version or event.tags:
            self.note(mark, "directives are not allowed")

    def _properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, mark: Mark) -> None:
        if event.tag is not None:
            self.note(mark, f"tags are not allowed: {short(event.tag)}")
        if event.anchor is not None:
            self.note(mark, f"anchors are not allowed: &{short(event.anchor)}")

    def _scalar(self, text: str, plain: bool, mark: Mark) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            self._key(top, text, plain, mark)
        else:
            self._place(self._resolve(text, mark) if plain else text, mark)

    def _key(self, top: _Open, text: str, plain: bool, mark: Mark) -> None:
        top.key = text
        route = (*top.route, text)
        top.skip = route in self.keys
        if plain and text == "<<":
            self.note(mark, "merge keys are not allowed")
        elif top.skip:
            self.note(mark, f"the key {short(text)} is here twice; the first one is on line {self.keys[route].line}")
        else:
            self.keys[route] = mark

    def _begin(self, made: dict[str, Any] | list[Any], mark: Mark) -> None:
        if len(self.stack) >= MOST_DEPTH:
            self.note(mark, f"nested more than {MOST_DEPTH} deep")
            raise _Stop
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            self.note(mark, "a key must be plain text")
            raise _Stop
        route = self._place(made, mark)
        self.stack.append(_Open(made, route))

    def _place(self, value: Any, mark: Mark) -> Route:
        if not self.stack:
            self.root, self.marks[()] = value, mark
            return ()
        top = self.stack[-1]
        route = top.next_route()
        if isinstance(top.made, list):
            top.made.append(value)
        elif not top.skip:
            top.made[top.key] = value
        if top.skip:
            route = (*route, "a second time")
        self.marks[route] = mark
        top.key, top.skip = None, False
        return route

    def _resolve(self, text: str, mark: Mark) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if not _FLOAT.fullmatch(text):
            return text
        if math.isinf(number := float(text)):
            self.note(mark, "the number is out of range")
        return number


def short(text: object, most: int = 60) -> str:
    """``text`` in quotes, escaped and cut to a length that fits a message."""
    shown = repr(text)
    return shown if len(shown) <= most else f"{shown[: most - 4]}...{shown[-1]}"


def _events(text: str, builder: _Builder) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = builder.at(place) if place else Mark(builder.file, 1, 1)
        builder.problems.append((mark, f"not valid YAML: {error.problem or error.context}"))
    except yaml.YAMLError:
        builder.problems.append((Mark(builder.file, 1, 1), "not valid YAML: a control character"))


def loads(raw: bytes, file: str) -> Document:
    """Parses one document; ``file`` is the name shown in messages.

    Raises:
        ProfileError: with every problem found, each ``file:line:column: message``.
    """
    start = Mark(file, 1, 1)
    if len(raw) > MOST_BYTES:
        raise ProfileError([start.says(f"the file is larger than {MOST_BYTES // 1024} KB")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProfileError([Mark(file, line, 1).says("not valid UTF-8")]) from None
    builder = _Builder(file)
    try:
        for event in _events(text, builder):
            builder.take(event)
    except _Stop:
        pass
    if builder.problems:
        raise ProfileError([mark.says(message) for mark, message in sorted(builder.problems)])
    builder.marks.setdefault((), start)
    return Document(builder.root, builder.marks, builder.keys)


def load(path: Path, file: str | None = None) -> Document:
    """Reads at most the size cap of ``path``; see ``loads``.

    Raises:
        ProfileError: also when the file cannot be read.
    """
    name = file or path.name
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ProfileError([Mark(name, 1, 1).says(f"cannot be read: {error.strerror}")]) from None
    return loads(raw, name)
