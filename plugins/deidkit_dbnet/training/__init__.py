"""How dbnet is trained. Imports torch."""
