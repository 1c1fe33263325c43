"""Verifies written bytes and headers. Never imports scrub: it trusts nothing of the scrubber."""
