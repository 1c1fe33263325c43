"""From stored samples to what a viewer shows."""
