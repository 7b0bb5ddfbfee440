"""Pictures of a lock: one value, drawn as a page, as an image and as text. Nothing is decided here."""

PUBLIC = {
    "model": (
        "Entry",
        "Memory",
        "Picture",
        "PictureTree",
        "Member",
        "Reason",
        "Requirement",
        "Requirer",
        "VersionReason",
        "World",
        "facts_json",
        "ordered_rows",
    ),
    "page": ("page_html",),
    "svg_map": ("map_svg",),
    "text_map": ("map_lines",),
    "weights": ("distribution_sizes", "tree_weights"),
}
"""What other layers may use, by module."""
