"""Detectors compared on an institution's own images. ``comparison.compare`` is the way in."""
