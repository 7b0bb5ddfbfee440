"""Environments: what goes where in a virtual environment, and how one is made from the store's wheels."""

PUBLIC = {
    "assemble": ("Assembler",),
    "check": ("content_problems", "foreign_files", "missing_parts", "tree_problems"),
    "content": (
        "TreeContent",
        "WrittenFile",
        "folders_of",
        "tree_content",
    ),
    "description": ("described_distribution",),
    "launcher": ("entry_point", "routed_command", "routed_script"),
    "layout": ("Layout", "TreePlace"),
    "libraries": ("LibraryNames", "TreeLibraries", "library_names", "inconsistent_trees", "tree_libraries"),
    "link": ("LinkMode", "Linker"),
    "native_files": ("NativeFiles",),
    "record": ("record_row", "record_text"),
    "pth": ("PATH_FILE", "START_FILE", "knows_start_files"),
}
"""What other layers may use, by module."""
