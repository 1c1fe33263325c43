"""Boxes, strokes, and what becomes of them."""
