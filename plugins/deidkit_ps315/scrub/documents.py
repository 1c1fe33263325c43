"""Documents that stand in for encapsulated ones: valid for their type, and empty."""

from __future__ import annotations

from pydicom import Dataset

from deidkit.headers.raw_elements import UNDECLARED, text_of
from deidkit_ps315.standard.values import put

DOCUMENT, MIME, LENGTH = 0x00420011, 0x00420012, 0x00420015
CDA = b'<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>'
STL = b"\0" * 84


def replace(dataset: Dataset) -> None:
    """Puts an empty document of the declared MIME type in place of the encapsulated one, and sets its length (PS3.3 C.24.2)."""
    element = dataset.get_item(MIME)
    kind = text_of(element, UNDECLARED).lower() if element is not None else ""
    data = {"application/pdf": empty_pdf(), "text/xml": CDA, "model/stl": STL}.get(kind, b"\n")
    put(dataset, DOCUMENT, "OB", data + b"\0" * (len(data) % 2))
    if LENGTH in dataset:
        put(dataset, LENGTH, "UL", len(data))


def empty_pdf() -> bytes:
    """One empty page (ISO 32000-1 7.5)."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + table
    return out + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
