"""What detectors cost on one 1024 x 1024 image on one core, in turn in one run, as medians and as ratios.

    python benchmarks/detector_speed.py [--rounds 9] [--image FILE]

Without an image a synthetic ultrasound screen is drawn. `rapidocr detection` is the detection network of RapidOCR alone at full
size, `tesseract` the program at page segmentation mode 11 as pytesseract runs it; neither has deidkit's own code around it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from pydicom import Dataset

from deidkit.batch.supervisor import ROOMY
from deidkit.keys import Keys
from deidkit.registry import installed
from deidkit.testing.images import frame_of
from deidkit.testing.phantoms import make
from deidkit.types import Context, Deadline, Labels

SIDE = 1024


def picture(path: Path | None) -> np.ndarray:
    if path is not None:
        found = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    else:
        drawn = make("us", 0).dataset.pixel_array
        drawn = drawn[0] if drawn.ndim == 4 else drawn
        found = drawn.max(axis=-1) if drawn.ndim == 3 and drawn.shape[-1] == 3 else drawn
    return np.ascontiguousarray(cv2.resize(found, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.uint8))


def competitors(image: np.ndarray) -> dict[str, Callable[[], object]]:
    import pytesseract

    from deidkit_rapidocr.models import network
    from deidkit_rapidocr.search import as_rgb, search

    registry, frame, colour, eye = installed(), frame_of(image), as_rgb(image), network("det")
    context = Context(Labels(), "benchmark", (), Keys(bytes(32)), Deadline.after(600), Dataset())
    ways: dict[str, Callable[[], object]] = {
        "rapidocr detection": lambda: search(colour, eye, SIDE),
        "tesseract": lambda: pytesseract.image_to_data(image, config="--psm 11"),
    }
    runtimes = ("onnx", "openvino") if find_spec("openvino") else ("onnx",)
    for name, runtime in product(("dbnet", "retinanet"), runtimes):
        detector = registry.build("detector", name, {"runtime": runtime})
        ways[name if runtime == "onnx" else f"{name}, {runtime}"] = lambda detector=detector: detector.detect([frame], context)
    return ways


def main() -> None:
    if any(os.environ.get(name) != value for name, value in ROOMY.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ROOMY})  # as workers of a run start
    for name in ROOMY:
        del os.environ[name]  # the tesseract program runs as it does for anybody
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--image", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    os.environ["OMP_THREAD_LIMIT"] = "1"  # of the tesseract program
    ways = competitors(picture(given.image))
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(given.rounds + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            if number:
                taken[name].append(1000 * (time.perf_counter() - started))
    medians = {name: float(np.median(values)) for name, values in taken.items()}
    print("| detector | ms | RapidOCR's detection takes | Tesseract takes |\n|---|---|---|---|")
    for name, value in medians.items():
        ratios = [f"{medians[other] / value:.1f} times as long" for other in ("rapidocr detection", "tesseract")]
        print(f"| {name} | {value:.0f} | {ratios[0]} | {ratios[1]} |")


if __name__ == "__main__":
    main()
