"""How long the modality classifier takes for one frame on one core: median and 95th percentile in milliseconds.

Grey frames have 16 bits, whose stored samples are looked at as well; making the display view is not counted.

python benchmarks/modality_speed.py [SIDE ...]
"""

from __future__ import annotations

import sys
import time

import cv2
import numpy as np

from deidkit_modality.network import PixelNetwork
from deidkit_modality.stored import weighed


def view(side: int, colour: bool) -> np.ndarray:
    random = np.random.default_rng(side)
    grain = random.integers(0, 256, (side, side * 4 // 3, 3 if colour else 1), dtype=np.uint8)
    smooth = cv2.GaussianBlur(grain, (0, 0), 3)
    return smooth if colour else smooth.reshape(side, -1)


def look(network: PixelNetwork, image: np.ndarray, samples: np.ndarray) -> None:
    weighed(network.look(image).classes, network.classes, samples)


def main(sides: list[int]) -> None:
    cv2.setNumThreads(1)
    network = PixelNetwork()
    for side in sides:
        for colour in (False, True):
            image = view(side, colour)
            samples = image if colour else image.astype(np.uint16) * 9
            look(network, image, samples)
            taken = []
            for _ in range(60):
                start = time.process_time()
                look(network, image, samples)
                taken.append(1000 * (time.process_time() - start))
            middle, high = np.percentile(taken, [50, 95])
            print(f"{side:5} rows {'colour' if colour else 'grey':6} {middle:6.1f} ms, 95 % under {high:6.1f} ms")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [256, 512, 1024, 2048])
