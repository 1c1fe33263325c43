"""One training run from its options to weights with a card, past the gate. Imports torch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from deidkit.components import Trainable
from deidkit.errors import EnvironmentFault, UsageError
from deidkit.registry import installed
from deidkit_training.card import data_facts, write_card
from deidkit_training.config import TrainOptions
from deidkit_training.curves import draw
from deidkit_training.data import calibration_tiles, clean_images, validation_tiles
from deidkit_training.gate import Figures, allowed, judge
from deidkit_training.recipe import Recipe

SAMPLES = 24
MOST_LOST = 0.01
"""How much of the lines found, and of the score, eight bits may cost: 0.008 once, for a third less time."""


def find_recipe(model: str, options: dict[str, Any]) -> Recipe:
    """The recipe that some plugin offers for the detector ``model``, through the hook ``deidkit_recipes``.

    Raises:
        UsageError: there is no such detector, it cannot be trained, or not with these options.
    """
    trainable = find_trainable(model)
    try:
        made: Recipe = trainable.recipe(options)
    except ModuleNotFoundError as error:
        raise EnvironmentFault(f"training needs {error.name}: pip install 'deidkit-imaging[train]'") from None
    except TypeError:
        raise UsageError(f"`model` of the training file has an option that {model} does not have") from None
    return made


def find_trainable(model: str) -> Trainable:
    """What a plugin says of the training of the detector ``model``.

    Raises:
        UsageError: there is no such detector, or nobody offers to train it.
    """
    registry = installed()
    if trainable := registry.trainables().get(model):
        return trainable
    if registry.find("detector", model) is None:
        raise UsageError(f"there is no detector named {model!r}")
    raise UsageError(f"the detector {model!r} has nothing to train")


def shipped_folder(model: str) -> Path:
    """The ``weights`` folder of the plugin that offers the detector."""
    return find_trainable(model).weights


def measure(recipe: Recipe, network: Any, options: TrainOptions) -> Figures:
    """A network's figures on the fixed validation set."""
    return judge(validation_tiles(options.validation, options.tiles), lambda tile: recipe.coverage(network, tile))


def shipped_figures(recipe: Recipe, options: TrainOptions) -> Figures | None:
    """The same for the shipped weights; None when there are none."""
    folder = shipped_folder(recipe.name)
    weights = folder / f"{recipe.name}.safetensors"
    if not weights.exists():
        return None
    from safetensors.torch import load

    from deidkit.nn.cards import checked_bytes, load_card

    card = load_card(folder / f"{recipe.name}.card.json")
    network = recipe.described(card.facts)
    network.load_state_dict(load(checked_bytes(card, weights.name)))
    return measure(recipe, network.eval(), options)


def train(model: str, options: TrainOptions, folder: Path) -> tuple[Path, Figures] | None:
    """Trains, exports, measures and writes a card into ``folder``; what is shipped stays as it is.

    Returns:
        The card's path and the figures on the fixed validation set; None in the processes of further devices.
    """
    from deidkit_training.loop import fit

    folder.mkdir(parents=True, exist_ok=True)
    recipe = find_recipe(model, options.model)
    network = fit(recipe, options, folder)
    if network is None:
        return None
    recipe.calibrate(network, calibration_tiles(options.calibration, options.tiles), clean_images(options.tiles, options.clean))
    figures = measure(recipe, network, options)
    samples = list(validation_tiles(SAMPLES, options.tiles))
    facts = recipe.export(network, folder, samples)
    if f"{model}.int8.onnx" in facts["files"]:
        facts |= eight_bits(recipe, folder / f"{model}.int8.onnx", figures, options)
    card = write_card(folder, model, facts.pop("files"), {**facts, **card_facts(model, options, figures)})
    draw(folder / "log", folder / "curves.png")
    return card, figures


def eight_bits(recipe: Recipe, path: Path, figures: Figures, options: TrainOptions) -> dict[str, Any]:
    """What the quantised network reaches, and that it is the one to use where that costs at most ``MOST_LOST``."""
    from deidkit_training.export import OnnxModule

    reached = measure(recipe, OnnxModule(path), options)
    worth = min(reached.found - figures.found, reached.score - figures.score) >= -MOST_LOST
    return {"recommended": "int8" if worth else "float", "int8_validation": reached.facts()}


def card_facts(model: str, options: TrainOptions, figures: Figures) -> dict[str, Any]:
    """How the weights were made and what they reach, for the card; no paths."""
    settings = options.model_dump(mode="json")
    settings["start"] = options.start and Path(options.start).name
    settings["model"] = {key: Path(value).name if key == "start" else value for key, value in options.model.items()}
    settings["tiles"] = {k: v for k, v in options.tiles.items() if k not in {"pool", "mined"}}
    command = f"deidkit train detector --model {model} --config FILE --output DIR"
    return {"training": {"command": command, **settings}, "data": data_facts(options.tiles), "validation": figures.facts()}


def mine_negatives(model: str, options: TrainOptions, weights: Path, folder: Path, most: int) -> int:
    """Writes crops of the pool's training part in which the network of ``weights`` (safetensors) errs; returns how many."""
    from deidkit_training.mine import mine
    from deidkit_training.start import weights_for

    recipe, card = find_recipe(model, options.model), weights.with_name(f"{model}.card.json")
    network = recipe.described(json.loads(card.read_text())) if card.exists() else recipe.model()
    network.load_state_dict(weights_for(network, str(weights)))
    recipe.calibrate(
        network.eval(), calibration_tiles(options.calibration, options.tiles), clean_images(options.tiles, options.clean)
    )
    return mine(recipe, network, options.tiles, folder, most)


def promote(model: str, options: TrainOptions, folder: Path, figures: Figures) -> bool:
    """Replaces the shipped weights by those in ``folder`` when they score better on the fixed validation set; says whether."""
    recipe = find_recipe(model, options.model)
    shipped = shipped_figures(recipe, options)
    if not allowed(figures, shipped):
        return False
    target = shipped_folder(model)
    target.mkdir(exist_ok=True)
    card = folder / f"{model}.card.json"
    names = {*json.loads(card.read_text())["files"], card.name}
    for name in sorted(names, key=lambda one: one == card.name):
        shutil.copyfile(folder / name, target / name)
    for stale in target.glob(f"{model}.*"):
        if stale.name not in names:
            stale.unlink()
    return True
