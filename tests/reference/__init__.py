"""docs/reference/ is generated from the code: commands, settings, environment variables."""
