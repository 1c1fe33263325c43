"""Proves that samples outside redacted boxes are unchanged."""
