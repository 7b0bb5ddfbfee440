"""Third stage: requirements of a tree become pins, for every target environment. No I/O but through its ports."""
