"""Who somebody is and when something was, and in how many ways people write both."""

__all__ = ["calendars", "dates", "folding", "harvest", "names", "vault"]
