"""Resolutions of all targets merged into one ``Lock``, written to and read from mv.lock."""

PUBLIC = {
    "declared_trees": ("RequirementOrigins", "trees_difference"),
    "conflict": ("merged_lock",),
    "current": ("LockInputs", "is_known_current", "record_current"),
    "framework_mismatches": ("framework_mismatches",),
    "duplicates": ("PYPROJECT", "Duplicate", "Duplicates", "TreeVersion", "Requirer"),
    "lockfile": ("format_lock", "read_lock", "write_lock"),
    "locking": ("is_current", "lock_project"),
    "model": (
        "Lock",
        "LockedArchive",
        "LockedDirectory",
        "LockedFile",
        "LockedPackage",
        "LockedTree",
        "LockedVcs",
        "LockedWish",
        "TreePackage",
        "is_true_in",
    ),
    "agreeing_trees": ("RuntimeSettings", "WorldGrouping", "runtime_settings_of"),
    "options": ("LockOptions",),
    "preferred": ("PREFERRED_FILE", "read_preferred", "remove_preferred", "write_preferred"),
    "cyclonedx": ("Inventory", "format_cyclonedx"),
    "policy": ("UNKNOWN_LICENSE", "Violation", "license_violations", "violations"),
    "pylock": ("ExportContext", "format_pylock", "pylock_name"),
    "meeting_versions": ("target_matrix",),
    "restated": ("restated",),
    "requirements_file": ("format_requirements", "requirements_name"),
}
"""What other layers may use, by module."""
