"""The tests, a folder per stage; ``support`` creates projects, releases and indexes."""
