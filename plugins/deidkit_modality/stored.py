"""What stored samples say that a display view does not: how deep they are, and whether they lie on the scale of Hounsfield.

Only grey frames of more than 256 levels say anything; a PNG, a page or a photograph never has them. On the Hounsfield scale air
is -1000 and soft tissue lies within 150 of 0, with hardly anything between -650 and -200 but lung's edge and partial volumes.
Scanners store these values as they are or with 1000 or 1024 added (PS3.3 C.8.2.1, Rescale Intercept).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
NEVER_DEEP = frozenset({"US", "XC", "SM", "screen", "document"})
"""Classes that are stored in 8 bits a sample."""
OFFSETS = (0, 1000, 1024)
LEVELS = 256
LIKELIER = 50.0
"""How much likelier the Hounsfield scale is in a CT than elsewhere. Set by hand: the pool holds no stored samples to fit it."""
SCOUT = 0.3
"""Share of CT that is not on that scale: localisers, colour maps, filtered results. Set by hand as well."""
DOUBT = 0.05
"""Share of the network's answer that is given up before it is weighed, since it may be sure and wrong."""
_USED = 1 << 14
_LOWEST, _HIGHEST = -1100, 4200
_LEAST_TISSUE, _LEAST_AIR, _MOST_BETWEEN = 0.08, 0.01, 0.2


def is_deep(samples: NDArray[Any]) -> bool:
    """Whether a frame is grey and uses more levels than 8 bits hold."""
    return samples.ndim == 2 and samples.dtype.itemsize > 1 and len(np.unique(_few(samples))) > LEVELS


def on_hounsfield_scale(samples: NDArray[Any]) -> bool:
    """Whether the values of a grey frame fall where those of a CT do, with one of the usual offsets."""
    if samples.ndim != 2 or samples.dtype.itemsize == 1:
        return False
    values = _few(samples).astype(np.int64)
    return any(_like_tissue_and_air(values - offset) for offset in OFFSETS)


def weighed(classes: Vector, names: Sequence[str], samples: NDArray[Any]) -> Vector:
    """Probabilities (k,) over ``names``, seen in a display view, with what the stored samples add."""
    if on_hounsfield_scale(samples):
        factor = np.array([LIKELIER if name == "CT" else 1.0 for name in names])
    elif is_deep(samples):
        factor = np.array([0.0 if name in NEVER_DEEP else SCOUT if name == "CT" else 1.0 for name in names])
    else:
        return classes
    weighed = factor * ((1 - DOUBT) * classes + DOUBT / len(names))
    return np.asarray(weighed / weighed.sum(), np.float32)


def _few(samples: NDArray[Any]) -> NDArray[Any]:
    step = max(1, int(np.ceil(np.sqrt(samples.size / _USED))))
    return samples[::step, ::step].ravel()


def _like_tissue_and_air(units: NDArray[np.int64]) -> bool:
    padding = units < _LOWEST
    if len(np.unique(units[padding])) > 2 or units.max() > _HIGHEST or padding.mean() > 0.9:
        return False
    units = units[~padding]
    air = _share(units, _LOWEST, -900)
    tissue, between = _share(units, -150, 151), _share(units, -650, -200)
    holds = tissue >= _LEAST_TISSUE and between <= _MOST_BETWEEN * tissue
    return holds and (air >= _LEAST_AIR or (tissue > 0.5 and bool(padding.any()) and units.min() < -500))


def _share(units: NDArray[np.int64], low: int, high: int) -> float:
    return float(((units >= low) & (units < high)).mean())
