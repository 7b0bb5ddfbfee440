"""pyproject.toml becomes a ``Project``, with the requirements of every tree."""

PUBLIC = {
    "declaration": ("Declaration", "FIXED_BY_SOLVE", "Origin"),
    "pep621": ("table_in", "texts_in", "under_extra"),
    "digest": ("digest_files", "inputs_digest"),
    "document": ("parse_document", "read_text"),
    "fields": ("plain_requirement", "read_time"),
    "folders": ("missing_folders",),
    "load": ("load_project", "load_script"),
    "model": (
        "Age",
        "Exposed",
        "GitSource",
        "IndexSource",
        "Moment",
        "NamedIndexSource",
        "PathSource",
        "Prereleases",
        "Project",
        "ShareMode",
        "Sharing",
        "TreeRequest",
        "UrlSource",
    ),
    "location": ("FILE_NAME", "check_utf8", "find_project"),
    "parsed": ("read_project",),
    "problem": ("did_you_mean",),
    "script": ("Script", "read_script", "script_of"),
    "settings": ("MvlockTable",),
    "sources": ("source_at", "source_of_url"),
    "tree_names": ("RESERVED", "tree_name"),
}
"""What other layers may use, by module."""
