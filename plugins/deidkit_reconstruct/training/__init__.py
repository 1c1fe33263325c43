"""How the network that reverses redactions is trained. Imports torch."""
