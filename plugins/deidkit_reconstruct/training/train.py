"""One training run of the reverse model, from tiles to weights with a card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L  # noqa: N812
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader

from deidkit_reconstruct.attack.reverse import NAME, ReverseModel
from deidkit_reconstruct.training.crops import Hidden, draw
from deidkit_reconstruct.training.judge import advantage, position_prior
from deidkit_reconstruct.training.loop import Crops, ReverseTraining
from deidkit_reconstruct.training.network import PLANES, STRIDE, Reverse
from deidkit_reconstruct.training.options import VerifierTraining
from deidkit_reconstruct.training.redactions import redactions
from deidkit_training.card import data_facts, write_card
from deidkit_training.export import write_onnx

CHECKED, CHECK_SEED = 120, 20_000
KEEP_EVERY = 200
TOLERANCE = 2e-3
LICENCE = "Apache-2.0"


class TorchNetwork:
    """A torch model with the interface of ``deidkit.nn.cards.Network``."""

    digest = ""

    def __init__(self, model: torch.nn.Module) -> None:
        self._model = model.eval()

    def run(self, batch: Any) -> list[Any]:
        with torch.inference_mode():
            return [self._model(torch.from_numpy(batch)).numpy()]


def train(options: VerifierTraining, output: Path) -> dict[str, dict[str, float]]:
    """Trains or resumes in ``output`` and exports there. Returns areas and advantages by redaction, on unseen fonts."""
    L.seed_everything(options.seed, verbose=False)
    torch.set_num_threads(options.threads)
    output.mkdir(parents=True, exist_ok=True)
    ways = redactions(options.models)
    tiles: dict[str, Any] = {"pool": options.pool, "size": max(128, options.size)}
    loop = ReverseTraining(options)
    crops = Crops(list(draw(options.stock, options.seed, tiles, ways)), options.seed, options.size, options.leaky)
    if options.start:
        loop.model.load_state_dict({key: value.float() for key, value in load_file(options.start).items()})
    steps = ModelCheckpoint(
        output, filename="loop", every_n_train_steps=KEEP_EVERY, save_last=False, enable_version_counter=False
    )
    trainer = L.Trainer(
        max_steps=-1 if options.minutes else options.steps, max_epochs=-1, accelerator=options.accelerator,
        devices=options.devices, strategy=options.strategy, precision=options.precision, logger=False, callbacks=[steps],
        default_root_dir=output, enable_progress_bar=False, enable_model_summary=False, gradient_clip_val=1.0,
    )  # fmt: skip
    last = output / "loop.ckpt"
    trainer.fit(loop, DataLoader(crops, options.batch), ckpt_path=str(last) if last.exists() else None)
    files, difference = export(loop.model, output)
    held = list(draw(CHECKED, CHECK_SEED, {**tiles, "part": "test"}, ways))
    figures = judge(ReverseModel(TorchNetwork(loop.model)), crops.tiles, held)
    facts = {
        "task": "predicts the strokes of text from what a redactor left of it",
        "licence": LICENCE,
        "input": "float32 (n, 6, rows, columns): values, contrast, two differences, deblurred, mask; sides are multiples of 8",
        "training": options.model_dump(exclude={"pool", "start"}) | {"steps_done": trainer.global_step},
        "data": data_facts(tiles),
        "validation": figures,
        "onnx_difference": difference,
    }
    write_card(output, NAME, files, facts)
    return figures


def judge(model: ReverseModel, known: Sequence[Hidden], held: Sequence[Hidden]) -> dict[str, dict[str, float]]:
    """By redaction: see ``judge.Advantage``. The position prior is learned from ``known``, all is measured on ``held``."""
    prior = position_prior([tile.strokes[y0:y1, x0:x1] for tile in known for x0, y0, x1, y1 in tile.boxes])
    found: dict[str, dict[str, float]] = {}
    blind, _ = _regions(model, held, "black")
    for name in held[0].redacted:
        predicted, truth = _regions(model, held, name)
        result = advantage(predicted, truth, prior, None if name == "black" else blind)
        found[name] = {key: float(getattr(result, key)) for key in result.__dataclass_fields__}
    return found


def _regions(model: ReverseModel, tiles: Sequence[Hidden], name: str) -> tuple[list[Any], list[Any]]:
    predicted, truth = [], []
    for tile in tiles:
        answer = model.strokes(tile.redacted[name].astype(np.float32), tile.mask)
        for x0, y0, x1, y1 in tile.boxes:
            strokes = tile.strokes[y0:y1, x0:x1]
            if strokes.any() and not strokes.all():
                predicted.append(answer[y0:y1, x0:x1])
                truth.append(strokes)
    return predicted, truth


def export(model: Reverse, folder: Path) -> tuple[list[str], float]:
    """File names below ``folder``, and the largest difference between ONNX's logits and torch's.

    Raises:
        ValueError: the difference is above 0.002.
    """
    from deidkit.nn.onnx_runtime import OnnxNetwork

    model = model.eval().cpu().float().to(memory_format=torch.contiguous_format)
    onnx, tensors = folder / f"{NAME}.onnx", folder / f"{NAME}.safetensors"
    save_file({key: value.half().contiguous() for key, value in model.state_dict().items()}, str(tensors))
    model.load_state_dict({key: value.half().float() for key, value in model.state_dict().items()})
    sample = torch.rand(1, PLANES, 8 * STRIDE, 9 * STRIDE, generator=torch.Generator().manual_seed(0))
    axes = {0: "n", 2: "rows", 3: "columns"}
    write_onnx(model, sample, onnx, {"planes": axes, "strokes": axes}, ["strokes"])
    answer = OnnxNetwork(onnx.read_bytes(), "").run(sample.numpy())[0]
    with torch.inference_mode():
        difference = float(np.abs(answer - model(sample).numpy()).max())
    if difference > TOLERANCE:
        raise ValueError(f"ONNX answers differ from torch's by {difference:.2g}")
    return [onnx.name, tensors.name], difference
