from deidkit_raster.format import RasterFormat
from deidkit_raster.options import RasterOptions


def test_a_dicom_file_with_a_tiff_preamble_is_left_to_dicom():
    tiff = b"II*\0" + bytes(124)
    raster = RasterFormat(RasterOptions())
    assert raster.sniff(tiff + b"none")
    assert not raster.sniff(tiff + b"DICM")
