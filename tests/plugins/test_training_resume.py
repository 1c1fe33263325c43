"""Tiles of a resumed run are those that an undisturbed one would have seen, and so are its weights."""

from __future__ import annotations

from itertools import islice

import pytest
from needs import require

require("torch")
require("lightning")

import torch  # noqa: E402 - only where it is installed

TILES = {"size": 64}


def recipe():
    from deidkit_training.run import find_recipe

    return find_recipe("dbnet", {})


def stopping(monkeypatch, at):
    from deidkit_training.loop import Learner

    step = Learner.training_step

    def until(self, batch, index):
        if self.global_step == at:
            raise RuntimeError("pulled the plug")
        return step(self, batch, index)

    monkeypatch.setattr(Learner, "training_step", until)


def trained(folder, **others):
    from deidkit_training.config import TrainOptions
    from deidkit_training.loop import fit

    usual = {"seed": 3, "steps": 7, "batch": 2, "workers": 0, "threads": 1, "tiles": TILES, "checkpoint_minutes": 1e-4}
    return fit(recipe(), TrainOptions(**{**usual, **others}), folder).state_dict()


def test_a_run_stopped_and_resumed_ends_with_the_same_weights(tmp_path, monkeypatch):
    whole = trained(tmp_path / "whole")
    with monkeypatch.context() as patched:
        stopping(patched, 4)
        with pytest.raises(RuntimeError, match="pulled the plug"):
            trained(tmp_path / "torn")
    resumed = trained(tmp_path / "torn")
    assert all(torch.equal(resumed[name], weights) for name, weights in whole.items())


def test_a_run_is_not_resumed_with_options_that_make_it_another_one(tmp_path):
    from deidkit.errors import UsageError

    trained(tmp_path, steps=1)
    with pytest.raises(UsageError, match=r"other options \(rate, tiles\)"):
        trained(tmp_path, steps=1, rate=0.5, tiles={"size": 96})
    trained(tmp_path, steps=1, validation=5, checkpoint_minutes=2.0)


def test_files_may_move_but_not_change_before_a_run_is_resumed(tmp_path):
    from deidkit_training.config import TrainOptions
    from deidkit_training.loop import deciding

    def of(folder, start, manifest):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "manifest.csv").write_text(manifest)
        (tmp_path / folder / "start").write_bytes(start)
        tiles = TILES | {"pool": str(tmp_path / folder)}
        return deciding(recipe(), TrainOptions(start=str(tmp_path / folder / "start"), tiles=tiles))

    first = of("first", b"weights", "rows")
    assert of("moved", b"weights", "rows") == first
    assert of("others", b"others", "rows") != first and of("more", b"weights", "more rows") != first
    assert deciding(recipe(), TrainOptions(tiles=TILES))["start"] is None


def seconds_of(folder):
    return torch.load(folder / "last.ckpt", weights_only=True)["deidkit"]["seconds"]


def test_a_run_by_the_clock_that_is_over_does_not_go_on(tmp_path):
    whole = trained(tmp_path, minutes=0.05)
    assert torch.load(tmp_path / "last.ckpt", weights_only=True)["global_step"] > 0
    again = trained(tmp_path, minutes=0.05)
    assert all(torch.equal(again[name], weights) for name, weights in whole.items())


def test_a_run_by_the_clock_remembers_how_long_it_took(tmp_path, monkeypatch):
    from deidkit_training import loop

    with monkeypatch.context() as patched:
        stopping(patched, 4)
        with pytest.raises(RuntimeError, match="pulled the plug"):
            trained(tmp_path, minutes=60.0)
    before, started = seconds_of(tmp_path), []
    monkeypatch.setattr(loop.Learner, "training_step", lambda self, *_: started.append(self.started) or self.stop_here())
    with pytest.raises(AttributeError):
        trained(tmp_path, minutes=60.0)
    assert before > 0 and loop.time.monotonic() - started[0] >= before


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("done", [0, 1, 4, 5])
def test_workers_go_on_with_the_batches_that_come_next(workers, done):
    from deidkit_training.data import Place

    batch = 2
    order = [(n % workers, batch * (n // workers)) for n in range(20)]
    streams = [Place(0, done, batch).stream(worker, workers) for worker in range(workers)]
    goes_on = [(stream, used + batch * (n // workers)) for n in range(20 - done) for stream, used in [streams[n % workers]]]
    assert goes_on == order[done:]


def test_devices_see_different_tiles():
    from deidkit_training.data import Examples, Place

    first, second = (next(iter(Examples(recipe(), TILES, 3, Place(rank=rank))))[0] for rank in (0, 1))
    assert not torch.equal(first, second)


def test_examples_used_before_are_left_out():
    from deidkit_training.data import Examples, Place

    undisturbed = islice(Examples(recipe(), TILES, 3), 6, 9)
    gone_on = islice(Examples(recipe(), TILES, 3, Place(batches=3, batch=2)), 3)
    for one, other in zip(undisturbed, gone_on, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
