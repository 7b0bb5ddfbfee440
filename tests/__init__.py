"""The tests, a folder per layer; ``support`` creates projects, releases and indexes."""
