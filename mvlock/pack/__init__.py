"""One archive of app/ and py_modules/ that runs on another machine: its entries, their changes, its formats."""

PUBLIC = {
    "archive": ("FORMATS", "kind_of"),
    "project": ("Packed", "UNPACK_SCRIPT", "pack_project"),
}
"""What other layers may use, by module."""
