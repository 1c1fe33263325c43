"""How retinanet is trained. Imports torch."""
