"""Installing: the trees of a lock under ``py_modules/``, and the application's own environment.

Nothing is imported here: whether there is anything to do (``unchanged_state``) is known before the rest is needed.
"""

PUBLIC = {
    "attestations": ("AttestedDistribution", "attestations"),
    "activation": ("WORKING_FOLDER",),
    "findings": ("Findings",),
    "generated_folders": ("check_application_folder", "other_folders"),
    "options": ("DEFAULT_GROUP", "InstallOptions", "InstallReport"),
    "application_imports": ("application_imports",),
    "project": ("install_project", "verify_project"),
    "receipts": ("read_receipt", "read_trees"),
    "up_to_date": ("InstallInputs", "hashes_of", "record_state", "unchanged_state"),
    "wheel_fetcher": ("locate",),
    "undeclared": ("Undeclared", "is_new_report", "undeclared_message", "missing_message", "undeclared"),
    "view": ("view_folder",),
    "view_disk": ("DESCRIPTION",),
}
"""What other layers may use, by module."""
