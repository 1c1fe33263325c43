"""A run that was stopped and resumed keeps its whole learning curve."""

from __future__ import annotations

from deidkit_training.curves import points


def write(folder, rows):
    folder.mkdir(parents=True)
    lines = ["epoch,loss,rate,step", *(f"0,{loss},{rate},{step}" for step, loss, rate in rows), "0,,,999"]
    (folder / "metrics.csv").write_text("\n".join(lines) + "\n")


def test_every_start_of_a_run_counts_and_the_last_word_is_that_of_the_last(tmp_path):
    write(tmp_path / "version_0", [(49, 3.0, 0.3), (99, 2.0, 0.2), (149, 1.9, 0.2)])
    write(tmp_path / "version_1", [(99, 2.5, 0.2), (199, 1.5, 0.1)])
    write(tmp_path / "version_10", [(249, 1.0, 0.05)])
    write(tmp_path / "version_11", [])
    assert points(tmp_path) == [(49, 3.0, 0.3), (99, 2.5, 0.2), (199, 1.5, 0.1), (249, 1.0, 0.05)]


def test_without_a_log_there_is_nothing_to_draw(tmp_path):
    assert points(tmp_path) == []
