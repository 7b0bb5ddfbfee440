"""The requirements of a tree become pins, for every target. No I/O except through its ports."""

PUBLIC = {
    "catalogue": ("Catalogue", "Ports", "Unusable"),
    "explain": ("explained", "reason"),
    "target_set": ("TargetMatrix",),
    "need": ("Key", "Need", "need"),
    "release_filter": ("Rules", "rules_of"),
    "partition": ("Conflict", "Partition", "partition"),
    "ports": ("DirectReference", "LockedSource", "MetadataBuilder"),
    "preference": ("Pins", "Preferences", "newest_first"),
    "solve_input": ("SolveInput", "fixed_at", "tree_requirements"),
    "references": ("direct_references",),
    "release": ("Release", "bits", "where_release", "where_wheel"),
    "prefetch": ("prefetch_dependencies",),
    "solve": ("BRIEF", "ENOUGH", "Effort", "JOINT", "Member", "Resolution", "Unsolvable", "attempt", "solve_tree"),
    "target": (
        "PatchBoundary",
        "KNOWN_MINORS",
        "NEWEST",
        "Target",
        "bounded",
        "machine_target",
        "minors_for",
        "newest_allowed",
        "newest_locked",
        "target_here",
        "targets_for",
    ),
    "joint_solve": ("JointSolve", "JointVersions", "Learned", "Pins"),
    "move": ("TreeSolution",),
    "unify": ("outside", "target_groups", "unified"),
}
"""What other layers may use, by module."""
