"""Files of other tools (pip, Poetry, uv, PDM, Pipenv, conda), each read into one small value."""

PUBLIC = {
    "files": ("foreign_files",),
    "model": (
        "ForeignIndex",
        "ForeignProject",
        "ForeignRequirement",
        "ForeignSource",
        "ForeignWorkspace",
        "LockedVersion",
        "Omission",
        "Place",
        "combined",
        "without_itself",
        "without_public_indexes",
    ),
    "document": ("understood",),
    "reading": ("read_foreign", "read_tools"),
    "requirements_file": ("read_requirements_file",),
    "uv_paths": ("sources_beyond",),
}
"""What other layers may use, by module."""
