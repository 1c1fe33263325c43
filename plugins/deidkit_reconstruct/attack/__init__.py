"""Tries to reconstruct what was redacted."""
