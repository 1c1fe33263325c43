"""Compressed frames as bytes: JPEG, JPEG-LS, JPEG 2000, RLE."""
