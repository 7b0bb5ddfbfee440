"""What is done with a project: its lock, an install of it, a comparison of both, with the settings of this machine.

The commands and ``mvlock.api`` call it. Nothing is imported here: a current lock is recognised before the rest is
needed.
"""

PUBLIC = {
    "attested": ("attested_distributions",),
    "cache_lock": ("check_owner", "locked_cache"),
    "install_hints": ("adding_hints",),
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
    "lock_request": ("LockRequest", "requested_time"),
    "locking": ("is_lock_current", "make_lock", "open_catalogue", "open_ports"),
    "machine": ("Machine", "cache_folder"),
    "opening_index": ("open_indexes",),
    "project_lock": ("locked_project",),
    "resolving": ("resolved_lock", "save_lock"),
    "user_settings": ("KEYS", "UserSettings", "checked_text", "read_user_settings", "settings_files", "variable"),
    "workspace": (
        "LOCK_FILE",
        "Workspace",
        "missing_lock",
        "read_lock_if_present",
        "report_missing_folders",
        "workspace_of",
    ),
}
"""What other layers may use, by module."""
