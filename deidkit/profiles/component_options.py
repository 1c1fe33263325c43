"""Checks one ``{use: NAME, options: {...}}`` against the component's own options model."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from deidkit.profiles.model import Use
from deidkit.yaml_source import Route, short

if TYPE_CHECKING:
    from deidkit.components import Component
    from deidkit.registry import Registry

_CHOICE = re.compile(r"'([^']*)'|(-?\d+)")
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.*|[A-Za-z_]\w*(\.\w+)+:\w+")


class Sink(Protocol):
    """Where problems go."""

    def value(self, route: Route, message: str) -> None: ...

    def key(self, route: Route, message: str) -> None: ...


def offer(word: object, good: Collection[str], lead: str) -> str:
    """The tail of a message: the nearest good word, if one is near, and all of them."""
    near = difflib.get_close_matches(str(word), good, 1, 0.6)
    guess = f"; did you mean {near[0]!r}?" if near else ";"
    return f"{guess} {lead}: {', '.join(good) or 'none'}"


def check_use(kind: str, item: Any, route: Route, problems: Sink, registry: Registry) -> Use | None:
    """The component that ``item`` names with its checked options; None when something is wrong, which ``problems`` then has."""
    if not isinstance(item, dict) or not isinstance(item.get("use"), str):
        problems.value(route, f"must be a mapping with use: NAME of a {kind} (and options:)")
        return None
    for key in item:
        if key not in ("use", "options"):
            problems.key((*route, key), f"unknown key {short(key)}{offer(key, ('use', 'options'), 'the keys are')}")
    name = item["use"]
    component = registry.find(kind, name)
    if component is None:
        good = registry.names(kind)
        problems.value((*route, "use"), f"there is no {kind} named {short(name)}{offer(name, good, 'there are')}")
        return None
    options = item.get("options")
    if options is None:
        options = {}
    place = (*route, "options")
    if not isinstance(options, dict):
        problems.value(place, f"options must be a mapping of: {', '.join(component.options.model_fields) or 'nothing'}")
        return None
    return _check_options(component, options, place, problems, registry)


def _check_options(
    component: Component, options: dict[str, Any], place: Route, problems: Sink, registry: Registry
) -> Use | None:
    elsewhere = [route for route, text in _texts(options, place) if _ELSEWHERE.fullmatch(text)]
    for route in elsewhere:
        problems.value(route, "a profile never names an import path or a URL")
    if elsewhere:
        return None
    try:
        model = component.options.model_validate_json(json.dumps(options))
    except ValidationError as error:
        for item in error.errors(include_url=False, include_input=False):
            _explain(component, item, options, place, problems)
        return None
    found = component.check(model, registry)
    for option, words in found:
        problems.value((*place, option), words)
    return None if found else Use(component.name, model)


def _texts(value: Any, route: Route) -> Iterator[tuple[Route, str]]:
    if isinstance(value, str):
        yield route, value
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(item, (*route, key))


def _explain(component: Component, error: Any, options: dict[str, Any], place: Route, problems: Sink) -> None:
    location: tuple[str | int, ...] = error["loc"]
    route, value = _locate(location, options, place)
    who = f"{component.kind} {component.name!r}"
    shown = ".".join(str(part) for part in route[len(place) :])
    if error["type"] == "extra_forbidden":
        good = tuple(component.options.model_fields) if len(location) == 1 else ()
        tail = offer(location[-1], good, "its options are") if good or len(location) == 1 else ""
        problems.key(route, f"{who} has no option {short(shown)}{tail}")
    elif error["type"] == "missing":
        problems.value(route, f"{who} needs the option {'.'.join(map(str, location))!r}")
    elif error["type"] in ("literal_error", "enum"):
        good = tuple(text or number for text, number in _CHOICE.findall(error["ctx"]["expected"]))
        problems.value(route, f"{who}, option {shown!r}: {short(value)} is not allowed{offer(value, good, 'allowed are')}")
    else:
        what = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
        problems.value(route, f"{who}, option {shown!r}: {short(value)} {what}")


def _locate(location: tuple[str | int, ...], options: dict[str, Any], place: Route) -> tuple[Route, Any]:
    """Follows pydantic's location as far as the data goes; names of union members in it are skipped."""
    value: Any = options
    route = place
    for part in location:
        inside = isinstance(value, dict) and part in value
        if inside or (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            value = value[part]
            route = (*route, part)
    return route, value
