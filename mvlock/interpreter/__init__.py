"""The Python that trees are made for: where it is, and what it says about itself."""

PUBLIC = {
    "query": ("marker_environment", "standard_library"),
    "model": ("Interpreter",),
    "pinned": ("pinned_version",),
    "search": ("Search", "find_interpreter"),
    "version_file": ("VERSION_FILE", "version_file"),
}
"""What other layers may use, by module."""
