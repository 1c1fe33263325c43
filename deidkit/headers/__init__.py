"""DICOM headers as bytes, read within bounds."""

__all__ = ["bounded_read", "inflate", "quiet", "raw_elements", "references", "uids", "working_copy"]
