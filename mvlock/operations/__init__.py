"""What is done with a project: its lock, an install of it, a comparison of both, with the settings of this machine.

The commands and ``mvlock.api`` call it. Nothing is imported here: a current lock is recognised before the rest is
needed.
"""

PUBLIC = {
    "attested": ("attested_distributions",),
    "audit": ("Audit", "Finding", "audit"),
    "cache_lock": ("check_owner", "locked_cache"),
    "declared_licenses": ("declared_licenses",),
    "install_hints": ("adding_hints",),
    "installed_metadata": ("installed_metadata",),
    "installing": (
        "InstallRequest",
        "check_findings",
        "install",
        "install_options",
        "known_extras",
        "known_groups",
        "verify",
    ),
    "interpreters": ("interpreter_of",),
    "inventory": ("inventory_of",),
    "lock_request": ("LockRequest", "requested_time"),
    "locking": ("is_lock_current", "make_lock", "open_catalogue", "open_ports"),
    "machine": ("Machine", "cache_folder"),
    "opened_project": (
        "LOCK_FILE",
        "OpenedProject",
        "missing_lock",
        "opened_project",
        "read_lock_if_present",
        "report_missing_folders",
    ),
    "opening_index": ("open_indexes",),
    "policy": ("check_policy",),
    "project_lock": ("locked_project",),
    "resolving": ("resolved_lock", "save_lock"),
    "user_settings": ("KEYS", "UserSettings", "checked_text", "read_user_settings", "settings_files", "variable"),
}
"""What other layers may use, by module."""
