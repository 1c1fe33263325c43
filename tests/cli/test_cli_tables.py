"""What people see of a run: a summary pinned by a golden file, a plan without values, progress on terminals alone."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from test_cli_messages import squeezed

from deidkit.batch.runner import Progress
from deidkit.cli.progress import progress
from deidkit.cli.tables import show_plan, show_summary
from deidkit.records import Outcome, Plan, PlannedChange, PlannedRegion, RunSummary

GOLDEN = Path(__file__).parent / "golden" / "summary.txt"


def test_summary(capsys):
    show_summary(
        RunSummary(
            version="0.1.0",
            inputs=120,
            released=110,
            quarantined=9,
            failed=1,
            resumed=20,
            reasons={"not-proven-clean:recheck": 7, "uid-conflict": 2, "input-output": 1},
            profiles={"us": 100, "xr": 20},
            warnings={"recheck": 3},
            seconds=61.234,
        )
    )
    assert squeezed(capsys.readouterr().out) == GOLDEN.read_text().splitlines()


def test_markup_in_names_is_shown_not_obeyed(capsys):
    region = PlannedRegion(
        frame=0, box=(1, 2, 3, 4), score=0.9, detector="x", kind="identity", action="redact", reason="[bold]pattern[/bold]"
    )
    plan = Plan(regions=(region,), changes=(PlannedChange(path="(0010,0010)", action="Z", source="E.1-1"),))
    show_plan(Outcome(source="[red]a.dcm[/nothing]", root=0, outcome="released", profile="us", plan=plan))
    said = " ".join(capsys.readouterr().out.split())
    assert "[red]a.dcm[/nothing] profile us" in said
    assert "0 1 2 3 4 redact identity [bold]pattern[/bold] x" in said and "(0010,0010) Z E.1-1" in said


def test_no_progress_where_nobody_looks(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress() as on_progress:
        assert on_progress is None


def test_progress_on_a_terminal_shows_rate_and_time(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress() as on_progress:
        for done in range(1, 31):
            on_progress(Progress("items", done, 30))
    assert "de-identifying" in terminal.getvalue() and "30/30" in terminal.getvalue()
