"""What indexes offer. The only place that talks to the network."""

PUBLIC = {
    "attestations": ("Attested", "attested", "can_verify"),
    "client": ("open_index",),
    "connections": ("Connections",),
    "http_messages": ("Request",),
    "licenses": ("license_in",),
    "filenames": ("file_version", "normalised_version", "version_of"),
    "metadata": ("KEPT_HEADERS", "MetadataText", "parse_metadata", "read_metadata"),
    "model": ("Advisory", "CoreMetadata", "FileIndex", "IndexFile", "PackageIndex", "ProjectPage", "ProjectStatus"),
    "order": ("DEFAULT_NAME",),
    "other_installers": ("advice", "further_advice", "network_advice"),
    "network": ("Label", "Network", "NetworkSettings", "bad_status"),
}
"""What other layers may use, by module."""
