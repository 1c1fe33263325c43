"""Pictures of any number laid out on few sheets, so that a reader is asked once for many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
SIDE = 800
"""Rows and columns of a sheet: readers enlarge pictures of this size twice."""
MARGINS = (16, 64)
"""Pixels between cuttings, a third of their height: they must not stand as near to each other as letters do."""


@dataclass(slots=True)
class Sheet:
    """A picture of at most ``SIDE`` rows and columns that cuttings are laid out on, in rows from the top."""

    _whole: Picture = field(default_factory=lambda: np.zeros((SIDE, SIDE), np.uint8), repr=False)
    _x: int = 0
    _y: int = 0
    _tallest: int = 0
    _rows: int = 0
    _columns: int = 0

    @property
    def picture(self) -> Picture:
        """As much of it as is used, with room around."""
        margin = MARGINS[0]
        return np.pad(self._whole[: self._rows, : self._columns], margin)

    def take(self, cutting: Picture) -> bool:
        """Lays it out; False when there is no room left."""
        rows, columns = cutting.shape
        if self._x and self._x + columns > SIDE:
            self._x, self._y, self._tallest = 0, self._y + self._tallest, 0
        if self._y + rows > SIDE:
            return False
        self._whole[self._y : self._y + rows, self._x : self._x + columns] = cutting
        self._rows, self._columns = max(self._rows, self._y + rows), max(self._columns, self._x + columns)
        margin = int(np.clip(rows // 3, *MARGINS))
        self._x, self._tallest = self._x + columns + margin, max(self._tallest, rows + margin)
        return True


def sheets(cuttings: Iterable[Picture]) -> Iterator[Picture]:
    """All cuttings, none larger than a sheet, in their order."""
    sheet: Sheet | None = None
    for cutting in cuttings:
        if sheet is not None and not sheet.take(cutting):
            yield sheet.picture
            sheet = None
        if sheet is None:
            sheet = Sheet()
            sheet.take(cutting)
    if sheet is not None:
        yield sheet.picture
