"""Pixel data: native and compressed frames, decoding, encoding, fills."""
