"""One archive of app/ and py_modules/ that starts on another machine: entries, what becomes of them, formats."""
