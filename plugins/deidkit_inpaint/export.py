"""Writes the generator as ONNX and as safetensors in half precision. Imports torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from deidkit_inpaint.network import STRIDE, Generator

TOLERANCE = 2e-3
SIDE = 12 * STRIDE


def export(generator: Generator, folder: Path, name: str) -> tuple[list[str], float]:
    """File names below ``folder``, and the largest difference between ONNX's answer and torch's.

    Raises:
        ValueError: the difference is above 0.002.
    """
    import onnxruntime
    from safetensors.torch import save_file

    generator = generator.eval().cpu().float().to(memory_format=torch.contiguous_format)
    sample = torch.rand(1, 3, SIDE, SIDE + STRIDE, generator=torch.Generator().manual_seed(0))
    sample[:, 2] = (sample[:, 2] > 0.5).float()
    onnx, tensors = folder / f"{name}.onnx", folder / f"{name}.safetensors"
    save_file({key: value.half().contiguous() for key, value in generator.state_dict().items()}, str(tensors))
    generator.load_state_dict({key: value.half().float() for key, value in generator.state_dict().items()})
    axes = {0: "n", 2: "rows", 3: "columns"}
    torch.onnx.export(
        generator, (sample,), str(onnx), input_names=["planes"], output_names=["filled"], dynamo=False, opset_version=17,
        dynamic_axes={"planes": axes, "filled": axes},
    )  # fmt: skip
    with torch.inference_mode():
        expected = generator(sample).numpy()
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    difference = float(np.abs(session.run(None, {"planes": sample.numpy()})[0] - expected).max())
    if difference > TOLERANCE:
        raise ValueError(f"ONNX answers differ from torch's by {difference:.2g}")
    return [onnx.name, tensors.name], difference
