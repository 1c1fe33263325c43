"""Whether a header fulfils a condition."""

from __future__ import annotations

import re
from typing import Any

from pydicom import Dataset

from deidkit_catalog.model import Condition, Signature

_TAG = re.compile(r"\(([0-9A-Fa-f]{4}),([0-9A-Fa-f]{4})\)")


def applies(signature: Signature, header: Dataset, shape: tuple[int, int]) -> bool:
    """Whether the signature is for a frame of this very size, (rows, columns), and for this device."""
    return (signature.rows, signature.columns) == shape and holds(signature.when, header)


def holds(condition: Condition, header: Dataset) -> bool:
    if condition.all is not None:
        return all(holds(part, header) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, header) for part in condition.any)
    if condition.none is not None:
        return not any(holds(part, header) for part in condition.none)
    values = _values(header, condition.attribute or "")
    if condition.present is not None:
        return condition.present == any(values)
    if condition.contains is not None:
        return any(wanted.casefold() in value for wanted in condition.contains for value in values)
    return any(wanted.casefold() == value for wanted in condition.equals or () for value in values)


def _values(header: Dataset, attribute: str) -> list[str]:
    """The values of an attribute as folded text, each alone and all together as they are stored."""
    tag = _TAG.fullmatch(attribute)
    places = [header, getattr(header, "file_meta", Dataset())]
    for place in places:
        key: Any = (int(tag[1], 16), int(tag[2], 16)) if tag else attribute
        if key not in place:
            continue
        value = place[key].value
        several = [value] if isinstance(value, str | bytes) or not hasattr(value, "__iter__") else list(value)
        texts = [str(one).strip().casefold() for one in several if not isinstance(one, Dataset)]
        return texts if len(texts) < 2 else [*texts, "\\".join(texts)]
    return []
