"""Signatures apply to their own device and image size alone; rules of other tools come over with their meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from pydicom import Dataset, Sequence
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.tag import BaseTag

from deidkit.errors import UnreadableFile, UsageError
from deidkit.image import Frame
from deidkit.imaging.boxes import rasterise
from deidkit.keys import Keys
from deidkit.types import Context, Deadline, Labels
from deidkit_catalog.command import catalog
from deidkit_catalog.ctp import parse_ctp
from deidkit_catalog.deid_recipe import parse_recipe
from deidkit_catalog.detector import CatalogDetector
from deidkit_catalog.importing import import_rules
from deidkit_catalog.match import holds
from deidkit_catalog.model import builtin_catalogue, read_catalogue, write_catalogue
from deidkit_catalog.options import CatalogOptions

CTP = """\
Siemens Antares, some words about it
{ Modality.equals("US") * !Manufacturer.containsIgnoreCase("GE") *
  (ManufacturerModelName.containsIgnoreCase("ANTARES") + [0008,1090].contains("S2000")) *
  Rows.equals("60") * Columns.equals("100") }
  (0,0,100,10) (20,50,30,20)
No size
{ Modality.equals("US") * Rows.equals("60") } (0,0,100,10)
Not understood
{ Modality.matches("U.") } (0,0,1,1)
"""
RECIPE = """\
FORMAT dicom
%filter whitelist
LABEL passes # by somebody
  contains Modality CT
  coordinates 0,0,5,5
%filter graylist
LABEL Siemens # (CTP)
  contains Manufacturer Siemens|ACUSON
  + equals Rows 60
  + equals Columns 100
  + contains ImageType SECONDARY || missing SeriesDescription
  ctpcoordinates 20,50,30,20
  coordinates 0,0,100,10
LABEL keeps
  present SequenceOfUltrasoundRegions
  keepcoordinates from:SequenceOfUltrasoundRegions
%header
REMOVE PatientName
"""


def device(**changes: object) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = "US", "SIEMENS", "Antares 5"
    ds.ImageType = ["DERIVED", "SECONDARY"]
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    return ds


def context(header: Dataset) -> Context:
    return Context(Labels(), "test", (), Keys(bytes(32)), Deadline.after(60), header)


def frame(rows: int = 60, columns: int = 100) -> Frame:
    return Frame(0, (rows, columns), lambda: np.zeros((rows, columns), np.uint8), {"default": np.asarray}, lambda _: (0,))


@pytest.fixture(params=["ctp", "deid"])
def detector(request: pytest.FixtureRequest, tmp_path: Path) -> CatalogDetector:
    made, _ = import_rules(CTP if request.param == "ctp" else RECIPE, request.param, "test")
    (tmp_path / "c.yaml").write_text(write_catalogue(made))
    return CatalogDetector(CatalogOptions(builtin=False, catalogues=(str(tmp_path / "c.yaml"),)))


def found(detector: CatalogDetector, header: Dataset, rows: int = 60, columns: int = 100) -> set[tuple[int, int, int, int]]:
    return {region.box for region in detector.detect([frame(rows, columns)], context(header))[0]}


def test_a_signature_gives_its_boxes_clipped_to_the_frame(detector: CatalogDetector) -> None:
    assert found(detector, device()) == {(0, 0, 100, 10), (20, 50, 50, 60)}


@pytest.mark.parametrize("size", [(61, 100), (60, 101), (120, 200), (100, 60)])
def test_never_another_size(detector: CatalogDetector, size: tuple[int, int]) -> None:
    assert found(detector, device(), *size) == set()


def test_boxes_of_one_file_never_reach_the_next(detector: CatalogDetector) -> None:
    assert found(detector, device())
    assert found(detector, device(Manufacturer="GE", ManufacturerModelName="LOGIQ")) == set()
    assert found(detector, Dataset()) == set()


def test_regions_are_redacted_whatever_is_written_there(detector: CatalogDetector) -> None:
    region = detector.detect([frame()], context(device()))[0][0]
    assert (region.text, region.text_score) == ("", 0.0)


def test_rules_that_cannot_be_taken_over_are_named() -> None:
    rules, skipped = parse_ctp(CTP)
    assert [rule.name for rule in rules] == ["Siemens Antares, some words about it", "No size"]
    assert len(skipped) == 1 and "matches" in skipped[0]
    assert [line for line in import_rules(CTP, "ctp", "x")[1] if "no image size" in line]
    rules, skipped = parse_recipe(RECIPE)
    assert [rule.name for rule in rules] == ["Siemens"]
    assert len(skipped) == 1


def test_and_binds_closer_than_or() -> None:
    rules, _ = parse_ctp('{ A.equals("1") + B.equals("2") * C.equals("3") } (0,0,1,1)')
    header = Dataset()
    assert not holds(rules[0].when, header)
    assert rules[0].when.any is not None
    assert rules[0].when.any[1].all is not None


def region(x0: int, y0: int, x1: int, y1: int) -> Dataset:
    item = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0, item.RegionLocationMaxX1, item.RegionLocationMaxY1 = x0, y0, x1, y1
    return item


def test_a_value_that_cannot_be_decoded_is_refused_with_a_reason(detector: CatalogDetector) -> None:
    header = device()
    header[0x00280010] = RawDataElement(BaseTag(0x00280010), "US", 3, b"60 ", 0, False, True)
    with pytest.raises(UnreadableFile, match="header-undecodable"):
        found(detector, header)


def test_everything_outside_the_ultrasound_regions() -> None:
    detector = CatalogDetector(CatalogOptions(builtin=False))
    header = device(SequenceOfUltrasoundRegions=Sequence([region(20, 10, 79, 39), region(60, 30, 89, 49)]))
    boxes = found(detector, header)
    marked = rasterise(boxes, (60, 100))
    expected = np.ones((60, 100), bool)
    expected[10:40, 20:80] = expected[30:50, 60:90] = False
    assert np.array_equal(marked, expected)
    ignoring = CatalogDetector(CatalogOptions(builtin=False, ultrasound="ignore"))
    assert found(ignoring, header) == set()


@pytest.mark.parametrize("corners", [(0, 0, 3, 3), (90, 10, 20, 40), (200, 200, 300, 300)])
def test_regions_that_cannot_be_believed(corners: tuple[int, int, int, int]) -> None:
    header = device(SequenceOfUltrasoundRegions=Sequence([region(*corners)]))
    assert found(CatalogDetector(CatalogOptions(builtin=False)), header) == set()


def test_the_catalogue_that_comes_with_deidkit() -> None:
    signatures = builtin_catalogue().signatures
    assert len(signatures) >= 40
    assert all(signature.source for signature in signatures)


GOOD = {"rows": "9", "columns": "5", "when": "{attribute: M, equals: [x]}", "boxes": "[[0, 0, 1, 1]]"}


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"rows": "0"}, "rows"),
        ({"when": "{attribute: M}"}, "exactly one of"),
        ({"boxes": "[[0, 0, 9, 1]]"}, "inside"),
        ({"boxes": "[]"}, "boxes"),
        ({"columns": "wide"}, "columns"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_catalogues_are_usage_errors(changes: dict[str, str], hint: str, tmp_path: Path) -> None:
    fields = ", ".join(f"{key}: {value}" for key, value in {**GOOD, **changes}.items())
    (tmp_path / "c.yaml").write_text(f"signatures: [{{name: a, source: b, {fields}}}]")
    with pytest.raises(UsageError, match=hint) as caught:
        read_catalogue(tmp_path / "c.yaml")
    assert "c.yaml:1:" in str(caught.value)


def test_the_command_writes_what_the_detector_reads(tmp_path: Path) -> None:
    (tmp_path / "rules.script").write_text(CTP)
    arguments = ["import", str(tmp_path / "rules.script"), "--format", "ctp", "--output", str(tmp_path / "c.yaml")]
    result = CliRunner().invoke(catalog, arguments)
    assert result.exit_code == 0, result.output
    assert "1 signatures written, 2 rules not taken over" in result.output
    assert read_catalogue(tmp_path / "c.yaml").signatures[0].source == "rules.script"


def test_a_picture_that_is_not_the_image_has_no_boxes(detector: CatalogDetector) -> None:
    assert found(detector, device(Rows=120, Columns=200)) == set()
    assert found(detector, device(Rows=60, Columns=100))
