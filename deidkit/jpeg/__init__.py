"""Huffman-coded JPEG streams, followed bit by bit without decoding samples (ITU-T T.81)."""

__all__ = ["bare", "frame", "huffman", "scan", "segments", "tables"]
