"""Attributes that an object may only hold beside another one with a value (type 1C of PS3.3), and so go where that one went."""

from __future__ import annotations

from pydicom import Dataset

from deidkit.types import HeaderChange
from deidkit_ps315.scrub.job import spell

DEPENDENTS = {
    "ResponsiblePersonRole": ("ResponsiblePerson",),
    "PatientAlternativeCalendar": ("PatientBirthDateInAlternativeCalendar", "PatientDeathDateInAlternativeCalendar"),
}
"""By the attribute that depends, C.7.1.1: those of which one has to have a value."""
SOURCE = "PS3.3 C.7.1.1"


def drop(header: Dataset) -> list[HeaderChange]:
    """Removes from ``header``, in place, what depends on values that are no longer there."""
    changes = []
    for name, needed in DEPENDENTS.items():
        if name in header and not any(header.get(other) for other in needed):
            changes.append(HeaderChange(spell(header[name].tag), "X", SOURCE))
            del header[name]
    return changes
