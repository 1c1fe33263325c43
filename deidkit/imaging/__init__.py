"""Boxes, strokes, hidden views and cines."""

__all__ = ["boxes", "cine", "fusion", "hidden", "proxies", "redundancy", "samples", "separation", "strokes"]
