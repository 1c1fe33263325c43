"""DICOM headers as bytes, read cheaply and within bounds."""
