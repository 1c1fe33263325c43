"""YAML in, one checked profile out."""
