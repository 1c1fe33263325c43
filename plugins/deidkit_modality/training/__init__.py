"""How the modality classifier is trained. Imports torch."""
