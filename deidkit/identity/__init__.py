"""Names, dates, calendars and other identifiers, and the ways to write them."""

__all__ = ["calendars", "dates", "folding", "harvest", "names", "vault"]
