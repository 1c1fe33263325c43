"""benchmarks/conformance.py over some files of pydicom: no new error of dciodvfy, everything opens; and it would tell."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pydicom
import pytest

pytestmark = pytest.mark.needs("dciodvfy", "dcmdump", "gdcmdump")
NAMES = "CT_small MR_small chrSQEncoding image_dfl rtplan rtdose test-SR SC_rgb_small_odd examples_palette JPEG-lossy"
DATA = Path(pydicom.__file__).parent / "data"


@pytest.fixture(scope="module")
def conformance() -> ModuleType:
    path = Path(__file__).parents[1] / "benchmarks" / "conformance.py"
    spec = importlib.util.spec_from_file_location("conformance_benchmark", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_released_files_are_as_conformant_as_their_inputs(conformance: ModuleType) -> None:
    found = conformance.sweep([next(DATA.rglob(f"{name}.dcm")) for name in NAMES.split()])
    assert found.released >= 8 and found.released + found.held.total() == len(NAMES.split())
    assert (dict(found.errors), found.unopened) == ({}, [])


def test_a_lost_attribute_is_told(conformance: ModuleType, tmp_path: Path) -> None:
    path = next(DATA.rglob("CT_small.dcm"))
    held = pydicom.dcmread(path)
    del held.Modality
    held.save_as(tmp_path / "a.dcm")
    assert conformance.judged(tmp_path / "a.dcm", tmp_path) - conformance.judged(path, tmp_path)
