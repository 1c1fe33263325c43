from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from deidkit.errors import EnvironmentFault, UsageError
from deidkit.image import Array
from deidkit.testing.images import frame_of
from deidkit.types import Action, Context, Region
from deidkit_inpaint.learned import TILE, WEIGHTS, Learned
from deidkit_inpaint.options import InpaintOptions
from deidkit_inpaint.redactor import Inpaint
from deidkit_inpaint.training.command import inpainter, read_options
from deidkit_inpaint.training.switcher import Switcher


class Recorder:
    """Answers with the harmonic filling, and keeps what it was given."""

    digest = "ab" * 32

    def __init__(self) -> None:
        self.seen: list[Array] = []

    def run(self, batch: Array) -> list[Array]:
        assert batch.dtype == np.float32 and batch.shape[2] % 8 == 0 and batch.shape[3] % 8 == 0
        self.seen.append(batch)
        return [batch[:, 1:2]]


def scene(rows: int, columns: int) -> tuple[Array, Array]:
    ys, xs = np.mgrid[:rows, :columns]
    plane = (0.2 + 0.3 * ys / rows + 0.3 * xs / columns).astype(np.float32)
    mask = np.zeros((rows, columns), np.bool_)
    mask[rows // 3 : rows // 2, 10 : columns - 10] = True
    return plane, mask


@pytest.mark.parametrize("shape", [(40, 60), (61, 413), (300, 131)])
def test_tiles_blend_into_what_one_pass_would_give(shape: tuple[int, int]) -> None:
    plane, mask = scene(*shape)
    network = Recorder()
    made = Learned("unet", True, network)(np.where(mask, 0, plane), mask)
    assert np.abs(made - plane)[mask].max() < 0.03
    assert np.allclose(made[~mask], plane[~mask])
    assert max(batch.shape[2] for batch in network.seen) <= TILE


def test_a_conditioned_network_is_given_nothing_of_the_text(context: Callable[..., Context], monkeypatch: Any) -> None:
    given = []
    for ink in (255, 90):
        network = Recorder()
        monkeypatch.setattr(
            "deidkit_inpaint.redactor.Learned", lambda name, conditioned, n=network: Learned(name, conditioned, n)
        )
        samples = np.tile(np.arange(40, 140, dtype=np.uint8), (60, 1))
        samples[22:30, 30:70:3] = ink
        region = Region((28, 20, 72, 32), 0.9, "toy", "identity", Action.REDACT)
        edit = Inpaint(InpaintOptions(model="unet")).redact(frame_of(samples), [region], context())
        assert edit.generated and edit.method == "inpaint:unet-abababab:conditioned:box"
        given.append(network.seen[0])
    assert np.array_equal(given[0], given[1])


def test_the_visible_mode_is_given_the_text_and_says_so(context: Callable[..., Context], monkeypatch: Any) -> None:
    network = Recorder()
    monkeypatch.setattr("deidkit_inpaint.redactor.Learned", lambda name, conditioned: Learned(name, conditioned, network))
    samples = np.tile(np.arange(40, 140, dtype=np.uint8), (60, 1))
    samples[22:30, 30:70:3] = 255
    region = Region((28, 20, 72, 32), 0.9, "toy", "identity", Action.REDACT)
    edit = Inpaint(InpaintOptions(model="unet", mode="visible")).redact(frame_of(samples), [region], context())
    assert "visible" in edit.method
    assert float(network.seen[0][0, 0].max()) > 1.0


def test_missing_weights_stop_a_run_before_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("deidkit_inpaint.learned.WEIGHTS", tmp_path)
    with pytest.raises(EnvironmentFault):
        Learned("unet", True)


@pytest.mark.parametrize("card", sorted(WEIGHTS.glob("*.card.json")), ids=lambda path: path.name)
def test_shipped_weights_are_small_and_what_their_cards_say(card: Path) -> None:
    name = card.name.removesuffix(".card.json")
    assert all(path.stat().st_size < 12e6 for path in WEIGHTS.glob(f"{name}.*"))
    plane, mask = scene(70, 150)
    made = Learned(name, True)(np.where(mask, 0, plane), mask)
    assert np.abs(made - plane)[mask].mean() < 0.1
    assert np.array_equal(made, Learned(name, True)(np.where(mask, 0, plane), mask))


def test_the_switcher_trains_whichever_lags() -> None:
    switcher = Switcher(enough=0.65, longest=100)
    assert [switcher.next(1.0) for _ in range(3)] == [True] * 3
    while switcher.next(0.1):
        pass
    assert switcher.mean <= 0.65
    assert not switcher.next(0.1)
    stubborn = Switcher(enough=0.0, longest=4)
    assert not all(stubborn.next(1.0) for _ in range(10))


def test_training_options_are_checked_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("lerning_rate: 3")
    with pytest.raises(UsageError):
        read_options(tmp_path / "bad.yaml", {})
    with pytest.raises(UsageError):
        read_options(None, {"model": "gan"})
    assert CliRunner().invoke(inpainter, ["--model", "diffusion", "--output", "x"]).exit_code == 2
