"""Writes trained weights as ONNX, int8 ONNX and safetensors, and checks that ONNX answers as torch does. Imports torch."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from deidkit.image import Array

TOLERANCE = 1e-3


def export_float(model: nn.Module, folder: Path, name: str, outputs: Sequence[str], inputs: int) -> float:
    """``NAME.onnx`` and ``NAME.safetensors`` in ``folder``; the largest difference between ONNX's and torch's answers.

    Args:
        inputs: channels that the network reads.

    Raises:
        ValueError: the difference is above 0.001.
    """
    from safetensors.torch import save_file

    model = model.eval().to(memory_format=torch.contiguous_format)
    sample = torch.randn(1, inputs, 256, 320)
    axes = {"image": {0: "n", 2: "rows", 3: "columns"}, **{output: {0: "n"} for output in outputs}}
    path = folder / f"{name}.onnx"
    write_onnx(model, sample, path, axes, outputs)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, str(folder / f"{name}.safetensors"))
    with torch.inference_mode():
        answer = model(sample)
    expected = answer if isinstance(answer, (tuple, list)) else (answer,)
    found = run_onnx(path, sample.numpy())
    difference = max(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, expected, strict=True))
    if difference > TOLERANCE:
        raise ValueError(f"ONNX answers differ from torch's by {difference:.2g}")
    return difference


def write_onnx(
    model: nn.Module, sample: torch.Tensor, path: Path, axes: Mapping[str, Mapping[int, str]], outputs: Sequence[str]
) -> None:
    """``path`` by way of TorchScript, whose graphs ONNX Runtime quantises and every supported torch writes alike.

    Args:
        axes: by name of input and outputs, which of their axes may have any length; the one that is no output is the input.
    """
    [given] = [name for name in axes if name not in outputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            model, (sample,), str(path), input_names=[given], output_names=list(outputs), dynamo=False, opset_version=17,
            dynamic_axes={name: dict(lengths) for name, lengths in axes.items()},
        )  # fmt: skip


def run_onnx(path: Path, batch: Array) -> list[Array]:
    """Outputs of an ONNX file for one batch."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [np.asarray(output) for output in session.run(None, {"image": batch})]


class OnnxModule:
    """An ONNX file in place of the ``torch.nn.Module`` that it was made from."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs = int(self._session.get_inputs()[0].shape[1])

    def __call__(self, batch: torch.Tensor) -> Any:
        """The one output, or all of them as a tuple."""
        outputs = tuple(torch.from_numpy(output) for output in self._session.run(None, {"image": batch.numpy()}))
        return outputs[0] if len(outputs) == 1 else outputs


def export_int8(folder: Path, name: str, batches: Sequence[Array], keep: Callable[[str], bool]) -> Path:
    """``NAME.int8.onnx`` from ``NAME.onnx`` by static quantisation (QDQ, per channel), calibrated on ``batches``.

    Args:
        keep: says of a node's name whether it stays in floating point.
    """
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(batches)

        def get_next(self) -> dict[str, Array] | None:
            batch = next(self.left, None)
            return None if batch is None else {"image": batch}

    source, ready, target = folder / f"{name}.onnx", folder / f"{name}.ready.onnx", folder / f"{name}.int8.onnx"
    quant_pre_process(str(source), str(ready), skip_symbolic_shape=True)
    nodes = [node.name for node in onnx.load(str(ready)).graph.node]
    quantize_static(
        str(ready), str(target), Reader(), quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax, nodes_to_exclude=[n for n in nodes if keep(n)],
        op_types_to_quantize=["Conv", "Add", "Resize"],
    )  # fmt: skip
    ready.unlink()
    return target
