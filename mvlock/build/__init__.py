"""Building: metadata and wheels of what has no wheel on an index, by isolated PEP 517 and 660 builds."""

PUBLIC = {
    "builder": ("Builder",),
    "deferred": ("DeferredBuilder",),
    "logs": ("LOG_FOLDER",),
    "opening": ("open_builder",),
    "built_metadata": ("BuiltMetadata",),
}
"""What other layers may use, by module."""
