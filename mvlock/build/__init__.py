"""Building: metadata and wheels of what has no wheel on an index, by PEP 517 and 660 in isolation."""
