"""DICOM files (PS3.10): structure, transfer syntaxes, fragments, writing."""
