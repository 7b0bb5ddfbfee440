"""The tests, a folder per stage; ``support`` builds the worlds they need."""
