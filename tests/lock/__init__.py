"""The lock: merging, markers, files."""
