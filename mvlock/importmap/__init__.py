"""The import map: compiled from the lock and the installed trees, read by importshim when it starts."""
