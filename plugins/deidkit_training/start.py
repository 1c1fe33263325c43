"""Weights that a training starts from. Imports torch."""

from __future__ import annotations

from torch import Tensor, nn

from deidkit.errors import UsageError

STEM = "encoder.stem.0.weight"


def weights_for(network: nn.Module, path: str) -> dict[str, Tensor]:
    """The tensors of a safetensors file, those of the first layer widened by zeros where ``network`` reads more channels than
    the one that they are of: it then answers as that one does, whatever the new channels say.

    Raises:
        UsageError: ``network`` reads fewer.
    """
    from safetensors.torch import load_file

    state: dict[str, Tensor] = load_file(path)
    own = network.state_dict().get(STEM)
    if own is not None and STEM in state:
        given, wanted = state[STEM].shape[1], own.shape[1]
        if given > wanted:
            raise UsageError(f"the weights to start from read {given} channels and the network {wanted}")
        state[STEM] = nn.functional.pad(state[STEM], (0, 0, 0, 0, 0, wanted - given))
    return state
