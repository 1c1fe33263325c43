"""Takes known identifiers out of bytes that nobody can interpret: unknown elements, tables, waveforms."""

from __future__ import annotations

import numpy as np

from deidkit.rawtext import Codecs
from deidkit_ps315.text.byte_search import needles_of, scan
from deidkit_ps315.text.dates import Dates, find_dates
from deidkit_ps315.text.known_identifiers import Known

TEXTLIKE = 1 << 16
SHORTEST = 5
BLANK = b" "


def blanked(value: bytes, known: Known, dates: Dates, declared: Codecs) -> bytes:
    """``value`` with identifiers overwritten by blanks, its length unchanged.

    Up to 64 KB it is also read as 8-bit text, by whole tokens; beyond, only strings count that chance cannot make.
    """
    large = len(value) > TEXTLIKE
    strings = {text: kind for text, kind in (*known.singles.items(), *known.inside) if len(text) >= SHORTEST}
    strings |= dict.fromkeys((*known.unspaced, *known.written), "name")
    hits = scan(np.frombuffer(value, np.uint8), needles_of(strings, declared), pixels=large)
    spans = [(hit.start, hit.start + len(hit.needle.raw)) for hit in hits]
    if not large:
        text = value.decode("latin-1")
        spans += [(span.start, span.end) for span in known.find(text)]
        spans += [(one.start, one.end) for one in find_dates(text) if one.means(dates)]
    made = bytearray(value)
    for start, end in spans:
        made[start:end] = BLANK * (end - start)
    return bytes(made)
