"""How inpainting networks are trained. Imports torch."""
