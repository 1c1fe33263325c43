"""One file through the stages, in one process."""
