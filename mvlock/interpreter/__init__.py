"""The Python that trees are made for: where it is, and what it says about itself."""

PUBLIC = {
    "query": ("marker_environment", "standard_library"),
    "model": ("Interpreter",),
    "search": ("Search", "find_interpreter"),
}
"""What other layers may use, by module."""
