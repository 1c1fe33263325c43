"""One training run of an inpainter, from tiles to weights with a card."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import lightning as L  # noqa: N812
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader

from deidkit_inpaint.fillers import FILLERS
from deidkit_inpaint.training.loop import Crops, InpainterTrainingLoop, SeerTraining
from deidkit_inpaint.training.network import STRIDE, Generator, Seer
from deidkit_inpaint.training.options import InpainterTraining
from deidkit_inpaint.training.pairs import Stock
from deidkit_training.card import data_facts, write_card
from deidkit_training.export import write_onnx

CHECKED, CHECK_SEED = 150, 20_000
KEEP_EVERY = 200
LICENCE = "Apache-2.0"
TOLERANCE = 2e-3
SIDE = 12 * STRIDE


def train(options: InpainterTraining, output: Path) -> dict[str, float]:
    """Trains or resumes in ``output`` and exports there. Returns PSNR figures on the pool's validation part."""
    L.seed_everything(options.seed, verbose=False)
    torch.set_num_threads(options.threads)
    output.mkdir(parents=True, exist_ok=True)
    tiles: dict[str, Any] = {"pool": options.pool, "size": max(128, *options.sizes)}
    crops = Crops(Stock(options.stock, options.seed, tiles), options.seed, options.sizes[0], options.visible)
    loop = InpainterTrainingLoop(options, _seer(options, crops, output), crops)
    if options.start:
        loop.generator.load_state_dict({key: value.float() for key, value in load_file(options.start).items()})
        loop.average.load_state_dict(loop.generator.state_dict())
    steps = ModelCheckpoint(
        output, filename="loop", every_n_train_steps=KEEP_EVERY, save_last=False, enable_version_counter=False
    )
    last = output / "loop.ckpt"
    trainer = _trainer(options, output, -1 if options.minutes else options.steps, [steps])
    trainer.fit(loop, DataLoader(crops, options.batch), ckpt_path=str(last) if last.exists() else None)
    files, difference = export(loop.average, output, options.model)
    figures = validate(loop.average, options)
    facts: dict[str, Any] = {
        "task": "fills masked pixels of one plane; generated pixels are not diagnostic",
        "licence": LICENCE,
        "input": "float32 (n, 3, rows, columns): what may be seen, harmonic filling, mask; rows and columns multiples of 8",
        "training": options.model_dump(exclude={"pool", "start", "vgg"}) | {"generator_steps": loop.trainer.global_step},
        "data": data_facts(tiles),
        "validation": figures,
        "onnx_difference": difference,
    }
    write_card(output, options.model, files, facts)
    return figures


def _trainer(options: InpainterTraining, output: Path, steps: int, callbacks: list[Any]) -> L.Trainer:
    return L.Trainer(
        max_steps=steps, max_epochs=-1, accelerator=options.accelerator, devices=options.devices, strategy=options.strategy,
        precision=options.precision, logger=False, callbacks=callbacks, default_root_dir=output, enable_progress_bar=False,
        enable_checkpointing=bool(callbacks), enable_model_summary=False,
    )  # fmt: skip


def _seer(options: InpainterTraining, crops: Crops, output: Path) -> Seer:
    """The seer of this run, trained now unless an earlier start has done so."""
    path = output / "seer.safetensors"
    training = SeerTraining(2e-3)
    seer: Seer = training.seer
    if path.exists():
        seer.load_state_dict(load_file(path))
        return seer
    shown = Crops(crops.stock, options.seed + 1, crops.size, visible=1.0)
    _trainer(options, output, options.seer_steps, []).fit(training, DataLoader(shown, options.batch))
    save_file({key: value.contiguous() for key, value in seer.state_dict().items()}, path)
    return seer


def validate(generator: torch.nn.Module, options: InpainterTraining) -> dict[str, float]:
    """Mean PSNR in dB inside strokes on crops of the pool's validation part, of the network in both modes and of baselines."""
    stock = Stock(CHECKED, CHECK_SEED, {"pool": options.pool, "size": 128, "part": "validation"})
    errors: dict[str, list[float]] = {}
    generator = generator.eval()
    for pair in islice(stock.stream(CHECK_SEED, 96), CHECKED):
        filled = {name: fill(np.where(pair.mask, 0, pair.text).astype(np.float32), pair.mask) for name, fill in FILLERS.items()}
        for mode in ("conditioned", "visible"):
            with torch.inference_mode():
                planes = torch.from_numpy(pair.planes(visible=mode == "visible"))[None]
                filled[f"{options.model} {mode}"] = generator(planes)[0, 0].numpy()
        for name, plane in filled.items():
            square = float(((np.clip(plane, 0, 1) - np.clip(pair.clean, 0, 1)) ** 2)[pair.strokes].mean())
            errors.setdefault(name, []).append(-10 * float(np.log10(max(square, 1e-6))))
    return {name: round(float(np.mean(values)), 3) for name, values in errors.items()}


def export(generator: Generator, folder: Path, name: str) -> tuple[list[str], float]:
    """Writes ONNX, and safetensors in half precision.

    Returns:
        File names below ``folder``, and the largest difference between ONNX's answer and torch's.

    Raises:
        ValueError: the difference is above 0.002.
    """
    import onnxruntime

    generator = generator.eval().cpu().float().to(memory_format=torch.contiguous_format)
    sample = torch.rand(1, 3, SIDE, SIDE + STRIDE, generator=torch.Generator().manual_seed(0))
    sample[:, 2] = (sample[:, 2] > 0.5).float()
    onnx, tensors = folder / f"{name}.onnx", folder / f"{name}.safetensors"
    save_file({key: value.half().contiguous() for key, value in generator.state_dict().items()}, str(tensors))
    generator.load_state_dict({key: value.half().float() for key, value in generator.state_dict().items()})
    axes = {0: "n", 2: "rows", 3: "columns"}
    write_onnx(generator, sample, onnx, {"planes": axes, "filled": axes}, ["filled"])
    with torch.inference_mode():
        expected = generator(sample).numpy()
    session = onnxruntime.InferenceSession(str(onnx), providers=["CPUExecutionProvider"])
    difference = float(np.abs(session.run(None, {"planes": sample.numpy()})[0] - expected).max())
    if difference > TOLERANCE:
        raise ValueError(f"ONNX answers differ from torch's by {difference:.2g}")
    return [onnx.name, tensors.name], difference
