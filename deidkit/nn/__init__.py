"""Opens networks and prepares their inputs. torch is imported inside functions only."""

__all__ = [
    "blocks",
    "cards",
    "look_detector",
    "looks",
    "onnx_runtime",
    "openvino_runtime",
    "options",
    "preprocessing",
    "runtimes",
    "torch_runtime",
    "turned",
    "weights_used",
]
