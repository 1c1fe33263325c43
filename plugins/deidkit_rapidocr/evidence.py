"""Is it text? The network also fires on whole heads and chests; the size of a line and its reading tell them apart."""

from __future__ import annotations

import numpy as np

from deidkit_rapidocr.boxes import Candidate
from deidkit_rapidocr.recognition import Reading

LARGE_SHARE = 0.2
MEDIUM_SHARE = 0.09
SMALL_LINE = 14.0
SURE = 0.9
LIKELY = 0.3
CLEAR = 0.85
SIMPLE = frozenset("IOQDCJ")
"""Capital letters that edges and blobs of anatomy read as, too."""


def is_text(candidate: Candidate, reading: Reading, shape: tuple[int, ...]) -> bool:
    """Whether a candidate in a frame of ``shape`` (rows, columns) is taken for text.

    A line of annotation is small against its frame: small candidates count whatever they read as, because a name that cannot
    be read by the network may be read by a person. The larger a line, the surer its reading has to be.
    """
    height = line_height(candidate)
    share = height / min(shape)
    if height <= SMALL_LINE or share <= MEDIUM_SHARE:
        return True
    characters = [character for character in reading.text if character.isalnum()]
    if share > LARGE_SHARE:
        return share <= 1.0 and len(characters) >= 3 and reading.confidence >= SURE
    needed = LIKELY + (SURE - LIKELY) * (share - MEDIUM_SHARE) / (LARGE_SHARE - MEDIUM_SHARE)
    odd = len(characters) < 2 and not reading.text.strip().isascii()
    return bool(characters) and reading.confidence * (0.5 if odd else 1.0) >= needed


def is_glyph(reading: Reading) -> bool:
    """Whether a mark that only its shape makes a candidate reads as something that a blob does not read as by chance.

    One character alone has to be a capital letter, as markers are; single figures are no identifiers and vessels read as them.
    """
    text = reading.text.strip()
    characters = [character for character in text if character.isalnum() and character.isascii()]
    if reading.confidence < CLEAR or len(characters) * 2 <= len(text):
        return False
    if len(characters) == 1:
        return characters[0].isupper() and characters[0] not in SIMPLE
    return len(set(characters)) > 1


def line_height(candidate: Candidate) -> float:
    """Height of the line of text in pixels, whatever its direction."""
    return float(np.linalg.norm(candidate.quad[3] - candidate.quad[0]))
