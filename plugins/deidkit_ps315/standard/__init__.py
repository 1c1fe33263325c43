"""What the standard says: tables, object definitions, addresses, values."""
