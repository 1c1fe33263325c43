"""Contracts that components are held to, phantoms with known text, and fixtures for pytest."""
