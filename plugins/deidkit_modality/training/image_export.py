"""How the image network leaves: ONNX and safetensors with weights of 16 bits, computed with 32. Imports torch."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from deidkit_modality.network import IMAGES
from deidkit_modality.training.images import ImageNetwork, as_batch

SMALL = 64
"""Tensors of fewer numbers stay at 32 bits: they cost nothing."""


def export(network: ImageNetwork, folder: Path, pixels: NDArray[np.uint8]) -> float:
    """Writes both files; gives the largest difference of probabilities between ONNX and torch on ``pixels``."""
    import onnxruntime
    from safetensors.torch import save_file

    network.eval()
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(
        {key: value.half() if value.ndim > 1 else value for key, value in state.items()}, folder / f"{IMAGES}.safetensors"
    )
    batch = as_batch(pixels).contiguous()
    path = folder / f"{IMAGES}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network, (batch,), str(path), input_names=["pixels"], output_names=["logits"],
            dynamic_axes={"pixels": {0: "n"}, "logits": {0: "n"}}, opset_version=17, dynamo=False,
        )  # fmt: skip
    halve(path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    made = torch.tensor(session.run(None, {"pixels": batch.numpy()})[0])
    with torch.inference_mode():
        wanted = network(batch)
    return float((torch.softmax(made, 1) - torch.softmax(wanted, 1)).abs().max())


def halve(path: Path) -> None:
    """Stores the weights of an ONNX file with 16 bits, each followed by a cast that runtimes fold when they open it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model: Any = onnx.load(str(path))
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < SMALL:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(path))
