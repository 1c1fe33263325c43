"""The faces verifier: a picture in which a face can be seen is not released."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from deidkit.image import Array
from deidkit.imaging.boxes import clip
from deidkit.types import Case, Check, Status
from deidkit_faces.network import INSTALL, CenterFace, weights
from deidkit_faces.options import FacesOptions
from deidkit_faces.photographs import is_photograph

NAME, VISIBLE = "faces", "face-visible"


class FacesVerifier:
    """Looks at the first view of the frames of the written file.

    Raises:
        EnvironmentFault: the installed weights are not those that were measured.
    """

    def __init__(self, options: FacesOptions) -> None:
        self._options = options
        path = weights() if options.faces == "quarantine" else None
        self._network = CenterFace(path) if path else None

    def verify(self, case: Case) -> list[Check]:
        """One check; where a face is seen it says in which frame and where.

        Raises:
            StageTimeout: the stage's time is over.
        """
        if self._options.faces == "none-expected":
            return [Check(NAME, Status.PASSED, "the profile says that no face is expected; nobody looked")]
        return [self._unseen(case) if self._network is None else self._seen(case, self._network)]

    def _seen(self, case: Case, network: CenterFace) -> Check:
        looked, highest = 0, 0.0
        for index, picture in self._pictures(case):
            looked += 1
            face = network.best(picture)
            box = clip(face.box, (picture.shape[0], picture.shape[1]))
            if face.score >= self._options.min_score and box:
                place = dict(zip(("frame", "x0", "y0", "x1", "y1"), map(float, (index, *box)), strict=True))
                return Check(VISIBLE, Status.FAILED, "a face can be seen", {"score": round(face.score, 3), **place})
            highest = max(highest, face.score)
        return Check(NAME, Status.PASSED, "no face can be seen", {"frames": float(looked), "score": round(highest, 3)})

    def _unseen(self, case: Case) -> Check:
        every = self._options.without_network == "quarantine"
        if self._options.without_network == "warn":
            return Check(NAME, Status.WARNED, f"no network for faces is installed, nobody looked; {INSTALL}")
        if any(every or is_photograph(picture) for _, picture in self._pictures(case)):
            return Check(NAME, Status.FAILED, f"no network for faces is installed, nobody looked; {INSTALL}")
        return Check(NAME, Status.PASSED, "no picture has the colours of a photograph; nobody looked for faces")

    def _pictures(self, case: Case) -> Iterator[tuple[int, Array]]:
        count = case.after.frame_count
        chosen = np.unique(np.linspace(0, count - 1, min(count, self._options.frames)).round().astype(int)).tolist()
        for index in chosen:
            case.context.deadline.check(NAME)
            yield index, case.after.frame(index).view()
