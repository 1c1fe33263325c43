"""Finds and cleans identifying parts of texts."""
