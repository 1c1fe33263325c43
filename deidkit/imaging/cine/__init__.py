"""Text through the frames of a cine."""
