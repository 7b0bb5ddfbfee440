"""Third stage: requirements of a tree become pins, for every target. No I/O but through its ports."""
