"""The output folder: names, durable writes, quarantine, maps of identifiers."""
