"""Installing: the trees of a lock under ``py_modules/``, and the application's own environment.

Nothing is imported here: whether there is anything to do (``settled``) is known before the rest is needed.
"""

PUBLIC = {
    "findings": ("Findings",),
    "options": ("DEFAULT_GROUP", "InstallOptions", "InstallReport"),
    "application_imports": ("own_imports",),
    "project": ("install_project", "verify_project"),
    "receipts": ("read_trees",),
    "up_to_date": ("Question", "remember", "settled"),
    "preparer": ("locate",),
    "undeclared": ("Undeclared", "is_news", "told", "told_of_nobodys", "undeclared"),
    "view": ("view_folder",),
    "view_disk": ("DESCRIPTION",),
}
"""What other stages may use, by module."""
