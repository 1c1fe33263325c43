"""Reads the script of CTP's DicomPixelAnonymizer: ``{ expression } (left, top, width, height) ...``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag

from deidkit.errors import UsageError
from deidkit_catalog.model import Condition

_RULE = re.compile(r"\{([^{}]*)\}((?:\s*\(\s*-?\d+\s*,\s*-?\d+\s*,\s*-?\d+\s*,\s*-?\d+\s*\))+)")
_BOX = re.compile(r"\(\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*,\s*(-?\d+)\s*\)")
_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[()*+!])|(?P<name>\w+|\[\s*[0-9A-Fa-f]{4}\s*,\s*[0-9A-Fa-f]{4}\s*\])\s*\.\s*(?P<method>\w+)\s*"
    r'\(\s*"(?P<value>[^"]*)"\s*\))'
)
_METHODS = {
    "equals": "equals",
    "equalsIgnoreCase": "equals",
    "contains": "contains",
    "containsIgnoreCase": "contains",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a foreign script, before sizes are judged. Boxes are [x0, y0, x1, y1]."""

    name: str
    when: Condition
    boxes: list[list[int]]


def parse_ctp(text: str) -> tuple[list[Rule], list[str]]:
    """The rules of a script, and one line for each that cannot be taken over.

    ``*`` means and, ``+`` or, ``!`` not; ``*`` binds closer than ``+``, as in CTP.
    """
    rules: list[Rule] = []
    skipped: list[str] = []
    end = 0
    for match in _RULE.finditer(text):
        name = _title(text[end : match.start()])
        end = match.end()
        line = text.count("\n", 0, match.start()) + 1
        try:
            when = _Expression(match[1]).parse()
        except UsageError as error:
            skipped.append(f"line {line}: {error}")
            continue
        numbers = [tuple(map(int, box.groups())) for box in _BOX.finditer(match[2])]
        rules.append(Rule(name or f"line {line}", when, [[x, y, x + w, y + h] for x, y, w, h in numbers]))
    return rules, skipped


def _title(comment: str) -> str:
    """The last line of the free text before a rule."""
    lines = [line.strip(" *\t") for line in comment.splitlines() if line.strip(" *\t")]
    return lines[-1][:80] if lines else ""


class _Expression:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self._tokens: list[re.Match[str]] = []
        position = 0
        while text[position:].strip():
            token = _TOKEN.match(text, position)
            if token is None:
                raise UsageError("the expression has a part that is not understood")
            self._tokens.append(token)
            position = token.end()
        self._at = 0

    def parse(self) -> Condition:
        condition = self._either()
        if self._at != len(self._tokens):
            raise UsageError("the expression goes on after its end")
        return condition

    def _next_is(self, mark: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at]["mark"] == mark
        self._at += found
        return found

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._next_is("+"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Condition(any=parts)

    def _both(self) -> Condition:
        parts = [self._single()]
        while self._next_is("*"):
            parts.append(self._single())
        return parts[0] if len(parts) == 1 else Condition(all=parts)

    def _single(self) -> Condition:
        if self._next_is("!"):
            return Condition(none=[self._single()])
        if self._next_is("("):
            inner = self._either()
            if not self._next_is(")"):
                raise UsageError("a parenthesis is not closed")
            return inner
        if self._at >= len(self._tokens) or self._tokens[self._at]["mark"]:
            raise UsageError("the expression is not complete")
        token = self._tokens[self._at]
        self._at += 1
        test = _METHODS.get(token["method"])
        if test is None:
            raise UsageError(f"the method {token['method']} is not known here")
        return Condition.model_validate({"attribute": _attribute(token["name"]), test: [token["value"]]})


def _attribute(name: str) -> str:
    """A keyword; a tag in brackets becomes its keyword, or stays a tag when it has none."""
    if not name.startswith("["):
        return name
    group, element = (int(part, 16) for part in name.strip("[] ").split(","))
    return keyword_for_tag(group << 16 | element) or f"({group:04X},{element:04X})"
