"""Measures detectors on an institution's own images. ``comparison.compare`` is the entry point."""
