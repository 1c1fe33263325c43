"""Many files: inputs, index, worker processes, and the commits that make results final."""
