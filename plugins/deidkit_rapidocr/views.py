"""Which display views of a frame are worth a look: a further one only when it shows detail that the views before it hide."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deidkit.image import Frame
from deidkit.types import is_window

BLOCK = 8
VISIBLE = 40
HIDDEN = 12
FEW_BLOCKS = 2


@dataclass(frozen=True, slots=True)
class Telling:
    """A view and where it shows what the views before it hide: bool (rows, columns), or None for everywhere."""

    name: str
    news: NDArray[np.bool_] | None = field(default=None, repr=False)


def telling_views(frame: Frame, choice: str) -> list[Telling]:
    """The views to search, the default one first. ``choice`` is default, auto or all."""
    names = list(frame.views)
    if choice != "auto":
        return [Telling(name) for name in (names[:1] if choice == "default" else names)]
    chosen, seen = [Telling(names[0])], _contrast(frame.view(names[0]))
    for name in names[1:]:
        contrast = _contrast(frame.view(name))
        news = (contrast >= VISIBLE) & (seen < HIDDEN)
        if not is_window(name):
            chosen.append(Telling(name))
        elif np.count_nonzero(news) >= FEW_BLOCKS:
            chosen.append(Telling(name, _enlarged(news, frame.shape)))
            seen = np.maximum(seen, contrast)
    return chosen


def _contrast(view: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Range of grey levels in every block of BLOCK x BLOCK pixels; the part blocks at the right and bottom count as well."""
    grey = view if view.ndim == 2 else view.max(axis=2)
    padded = np.pad(grey, [(0, -length % BLOCK) for length in grey.shape], mode="edge")
    blocks = padded.reshape(padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK)
    return np.asarray(blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)), np.uint8)


def _enlarged(blocks: NDArray[np.bool_], shape: tuple[int, int]) -> NDArray[np.bool_]:
    return np.repeat(np.repeat(blocks, BLOCK, axis=0), BLOCK, axis=1)[: shape[0], : shape[1]]
