"""One archive of app/ and py_modules/ that starts on another machine: entries, what becomes of them, formats."""

PUBLIC = {
    "archive": ("FORMATS", "kind_of"),
    "project": ("Packed", "UNPACK_SCRIPT", "pack_project"),
}
"""What other stages may use, by module."""
