"""Carries out PS3.15 Table E.1-1 on a header."""
