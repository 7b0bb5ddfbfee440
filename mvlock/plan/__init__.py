"""The plan: from what is installed to what is locked. Values in, values out, nothing touches the disk."""

PUBLIC = {
    "compare": ("make_plan",),
    "model": ("Action", "Change", "Plan", "TreeStep", "WantedDistribution", "WantedTree"),
    "receipt": (
        "InstalledCommand",
        "InstalledDistribution",
        "InstalledLibrary",
        "InstalledScript",
        "TREE_RECEIPT",
        "TREE_RECEIPT_FORMAT",
        "TreeReceipt",
    ),
    "select": ("Selection", "wanted_trees"),
    "tags": ("best_wheel", "tag_ranks"),
}
"""What other layers may use, by module."""
