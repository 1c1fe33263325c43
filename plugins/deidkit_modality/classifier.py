"""The classifier component: header rules, and a network that looks at the pixels and has to agree."""

from __future__ import annotations

from deidkit.image import Frame, Image
from deidkit.types import Label, Labels
from deidkit_modality.combine import combine
from deidkit_modality.header_rules import header_labels
from deidkit_modality.network import CAPTURES, Opinion, PixelNetwork, together
from deidkit_modality.options import ModalityOptions
from deidkit_modality.stored import weighed


class ModalityClassifier:
    """Labels of an image by its header and by up to two of its frames."""

    def __init__(self, options: ModalityOptions) -> None:
        self._options = options
        self._network = PixelNetwork() if options.pixels else None

    def classify(self, image: Image) -> Labels:
        """What cannot be told is unsure, whatever the header looks like.

        Raises:
            ItemError: a frame cannot be decoded.
        """
        stated = header_labels(image.header, has_pixels=image.frame_count > 0)
        if self._network is None or image.frame_count == 0 or not image.is_picture:
            return stated
        return combine(stated, *self._look(self._network, image))

    def opinions(self, image: Image) -> dict[str, Labels]:
        """What header and pixels say each for itself. The network's classes are told by the modality that they stand for.

        Raises:
            ItemError: a frame cannot be decoded.
        """
        said = {"header": header_labels(image.header)}
        if self._network is not None and image.frame_count:
            seen, quality, suspect = self._look(self._network, image)
            captured = suspect or seen.value in CAPTURES
            kind = Label("capture" if captured else None, seen.confidence if captured else 0.0)
            said["pixels"] = Labels(Label(None) if captured else seen, kind, quality=quality)
        return said

    def _look(self, network: PixelNetwork, image: Image) -> tuple[Label, Label, bool]:
        chosen = sorted({0, image.frame_count // 2})
        opinion = together([self._opinion(network, image.frame(index)) for index in chosen])
        seen = network.label(opinion, self._options.threshold)
        return seen, network.quality(opinion), network.suspects_capture(opinion)

    def _opinion(self, network: PixelNetwork, frame: Frame) -> Opinion:
        opinion = network.look(frame.view())
        return Opinion(weighed(opinion.classes, network.classes, frame.samples), opinion.qualities)
