"""Header and pixels have to agree. Where they do not, or neither is sure, selection gets to know it.

A header is certain when SOP class and Modality say the same and the class allows the colours of the samples. Against it only a
class of ``STRICTER`` counts, or a screen or a page that is the best guess. What the network does not recognise, or takes for
another modality, changes nothing. So all images of a series get one answer, unless one shows what is no image of its class.

The network knows fewer classes than headers have modalities. For a modality it never learned (MG, XA, NM and so on) its answer
counts only when it surely sees a screen or a page, because such an image carries text whatever its header claims.
"""

from __future__ import annotations

import dataclasses

from deidkit.types import Label, Labels
from deidkit_modality.network import CAPTURES

AGREES = {
    "CR": frozenset({"CR", "DX", "RG"}),
    "CT": frozenset({"CT"}),
    "MR": frozenset({"MR"}),
    "PT": frozenset({"PT"}),
    "SM": frozenset({"SM", "GM"}),
    "US": frozenset({"US", "BDUS", "IVUS"}),
    "XC": frozenset({"XC", "ES", "OP", "DMS", "GM"}),
}
"""Class of the network -> the modalities of a header that it confirms."""

STRICTER = CAPTURES | {"XC", "SM", "US"}
"""Classes of the network that count against a certain header: pages, screens, photographs, slides and ultrasound images."""

_KNOWN = frozenset().union(*AGREES.values())
_SHOWN = ("image", None)


def combine(stated: Labels, seen: Label, quality: Label, suspect: bool = False) -> Labels:
    """The labels of a header with what the network saw; ``seen`` has the value None when it is unsure.

    ``suspect``: a screen or a page is likelier than all else, if not sure; no header is believed against that.
    """
    labels = dataclasses.replace(stated, quality=quality)
    if stated.kind.value not in _SHOWN:
        return labels
    if stated.kind.value is None and stated.modality.value is None:
        return _by_pixels(labels, seen)
    return _checked(labels, seen, suspect)


def _by_pixels(labels: Labels, seen: Label) -> Labels:
    if seen.value is None:
        return labels
    if seen.value in CAPTURES:
        return dataclasses.replace(labels, kind=Label("capture", seen.confidence))
    return dataclasses.replace(labels, kind=Label("image", seen.confidence), modality=seen)


def _checked(labels: Labels, seen: Label, suspect: bool) -> Labels:
    modality = labels.modality.value
    if suspect or seen.value in CAPTURES:
        return dataclasses.replace(labels, conflict=True)
    if modality not in _KNOWN:
        return labels
    if _is_certain(labels):
        against = seen.value in STRICTER and modality not in AGREES[seen.value]
        return dataclasses.replace(labels, conflict=True) if against else labels
    if seen.value is None:
        return dataclasses.replace(labels, modality=Label(None, seen.confidence))
    if modality not in AGREES[seen.value]:
        return dataclasses.replace(labels, conflict=True)
    kind = labels.kind if labels.kind.value is not None else Label("image", seen.confidence)
    return dataclasses.replace(labels, kind=kind, modality=Label(modality, max(labels.modality.confidence, seen.confidence)))


def _is_certain(labels: Labels) -> bool:
    """Whether the header is certain of both labels, which alone gives them full confidence."""
    return labels.kind.value == "image" and labels.modality.confidence == 1.0
