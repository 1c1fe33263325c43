"""``python -m deidkit``."""

from deidkit.cli import main

main()
