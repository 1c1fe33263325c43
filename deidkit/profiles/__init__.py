"""Reads, checks, merges and selects profiles."""
