"""The index client against a real HTTP server in this process."""
