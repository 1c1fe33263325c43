"""Boxes, strokes, and what becomes of them."""

__all__ = ["boxes", "cine", "fusion", "hidden", "proxies", "redundancy", "samples", "separation", "strokes"]
