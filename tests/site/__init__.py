"""The documentation as a site, and what must be true of it."""
