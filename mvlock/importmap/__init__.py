"""The import map: compiled from the lock and the installed trees, read by importshim when it starts."""

PUBLIC = {
    "map_builder": ("InstalledTree", "build_map"),
    "file": ("MAP_FILE", "installed_map", "map_text", "write_map"),
    "model": ("ImportMap", "MapDomain"),
    "sharing": ("Arrangement",),
}
"""What other layers may use, by module."""
