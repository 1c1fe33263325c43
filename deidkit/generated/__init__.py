"""Generated pixels: how the header marks them, and the segmentation that shows them."""

__all__ = ["marks", "seg"]
