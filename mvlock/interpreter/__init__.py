"""The Python that trees are made for: where it is, and what it says about itself."""

PUBLIC = {
    "query": ("marker_environment", "standard_library"),
    "model": ("Interpreter",),
    "pinned": ("VERSION_FILE", "pinned_version", "version_file"),
    "search": ("Search", "find_interpreter"),
}
"""What other layers may use, by module."""
