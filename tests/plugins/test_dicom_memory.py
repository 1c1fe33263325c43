"""Memory does not grow with frames: a cine is opened, planned, blanked and written in a process of its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "pixels.py"


def peak(folder: Path, frames: int) -> float:
    """Megabytes above the imports."""
    spec = importlib.util.spec_from_file_location("pixels_benchmark", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write_cine(folder / "a.dcm", frames, 512, 512)
    done = subprocess.run([sys.executable, str(SCRIPT), "--peak", str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout.split(" MB")[0])


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak of this process alone")
def test_a_long_cine_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    short, long = peak(tmp_path, 20), peak(tmp_path, 160)
    assert long < 400
    assert long < short + 30
