"""From the network's maps to boxes, without torch."""
