"""How sure a measured share is: a bootstrap over images, and the rule of three where nothing was missed.

Instances of one image stand or fall together, so images are drawn, not instances (cluster bootstrap; Field and Welsh, J. R.
Stat. Soc. B 69, 2007). Hanley and Lippman-Hand, JAMA 249 (1983): of n independent trials without an event, the event's
probability is at most 3/n at 95 % confidence. A handful of images says little of how images differ, so an interval is never
narrower than that of as many independent trials (Wilson, J. Am. Stat. Assoc. 22, 1927).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

ROUNDS = 2000
LEVEL = 0.95
Z = 1.96


def interval(hits: Sequence[tuple[int, int]], seed: int = 0, rounds: int = ROUNDS) -> tuple[float, float]:
    """95 % interval of the share found, from (found, all) counts of each image.

    Where all or none was found the far end comes from the rule of three.
    """
    counts = np.array([pair for pair in hits if pair[1]], dtype=np.int64).reshape(-1, 2)
    found, total = counts.sum(axis=0)
    if total == 0:
        return 0.0, 1.0
    if found == total:
        return max(0.0, 1 - 3 / total), 1.0
    if found == 0:
        return 0.0, min(1.0, 3 / total)
    drawn = np.random.default_rng(seed).integers(0, len(counts), (rounds, len(counts)))
    sums = counts[drawn].sum(axis=1)
    shares = sums[:, 0] / sums[:, 1]
    low, high = np.quantile(shares, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    least, most = _wilson(int(found), int(total))
    return min(float(low), least), max(float(high), most)


def _wilson(found: int, total: int) -> tuple[float, float]:
    share, spread = found / total, Z * Z / total
    centre, half = share + spread / 2, (spread * (share * (1 - share) + spread / 4)) ** 0.5
    return (centre - half) / (1 + spread), (centre + half) / (1 + spread)


def in_words(found: int, total: int) -> str:
    """``0 of 300 missed: at most 1.0 % at 95 %`` where the rule of three applies, ``12 of 300 missed`` elsewhere."""
    missed = total - found
    if missed or not total:
        return f"{missed} of {total} missed"
    return f"0 of {total} missed: at most {min(100.0, 300 / total):.1f} % at 95 %"
