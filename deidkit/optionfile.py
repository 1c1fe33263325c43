"""Options of a command in a YAML file: of training runs, of synthetic sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from deidkit.components import Options
from deidkit.errors import UsageError

Chosen = TypeVar("Chosen", bound=Options)


def read_options(kind: type[Chosen], path: Path | None, given: Mapping[str, Any], what: str) -> Chosen:
    """``kind`` filled from the file, with the values in ``given`` that are not None over it.

    Args:
        path: YAML, one mapping; none means all defaults.
        what: how messages call the file.

    Raises:
        UsageError: not YAML, no mapping, an unknown field or a value out of range; one line a problem, none with a value.
    """
    import yaml
    from pydantic import ValidationError

    try:
        fields: Any = (yaml.safe_load(path.read_text("utf-8")) or {}) if path else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise UsageError(f"{what} cannot be read as YAML") from None
    if not isinstance(fields, dict):
        raise UsageError(f"{what} must be a mapping of fields to values")
    try:
        return kind.model_validate({**fields, **{name: value for name, value in given.items() if value is not None}})
    except ValidationError as error:
        problems = (
            (".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))
            for item in error.errors(include_input=False, include_url=False)
        )
        raise UsageError("\n".join(f"{place}: {words}" if place else words for place, words in problems)) from None
