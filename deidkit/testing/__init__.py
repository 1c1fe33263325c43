"""For the tests of plugins: contract tests, phantoms with known text, and fixtures for pytest."""

from deidkit.registry import installed

__all__ = ["contracts", "images", "installed", "phantoms"]
