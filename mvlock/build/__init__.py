"""Building: metadata and wheels of what has no wheel on an index, by PEP 517 and 660 in isolation."""

PUBLIC = {
    "builder": ("Builder",),
    "logs": ("LOG_FOLDER",),
    "opening": ("open_builder",),
    "own": ("OwnBuild",),
}
"""What other stages may use, by module."""
