"""Why a tree has one of several versions of a project, in words."""

from __future__ import annotations

from collections.abc import Iterator

from mvlock.lock.duplicates import PYPROJECT, Duplicate, Requirer, TreeVersion


def version_texts(tree_version: TreeVersion, duplicate: Duplicate) -> Iterator[str]:
    """What excludes other versions; if nothing in this tree does, what does in another tree with the same version."""
    reasons = [requirer for requirer in tree_version.required_by if requirer.excludes]
    for requirer in reasons:
        yield f"{tree_version.place}: {_requirement_text(requirer)}, which excludes {', '.join(requirer.excludes)}"
    yield from (f"{tree_version.place}: soft dependency, {reason}" for reason in tree_version.soft)
    direct = [requirer for requirer in tree_version.required_by if requirer.by == PYPROJECT]
    elsewhere = _elsewhere(tree_version, duplicate)
    if not reasons and not tree_version.soft and elsewhere is not None:
        yield f"{tree_version.place}: has the version of {elsewhere}"
    elif not reasons and direct:
        yield f"{tree_version.place}: {_requirement_text(direct[0])}; a direct dependency follows no other tree"
    elif not reasons and not tree_version.soft:
        yield f"{tree_version.place}: no requirement excludes the others"


def _elsewhere(tree_version: TreeVersion, duplicate: Duplicate) -> str | None:
    """Another tree with the same version, and the requirement there that excludes others."""
    same_version = (
        other
        for other in duplicate.tree_versions
        if other.version == tree_version.version and other.place != tree_version.place
    )
    reasons = ((other, requirer) for other in same_version for requirer in other.required_by if requirer.excludes)
    first = next(reasons, None)
    if first is None:
        return None
    return f"{first[0].place}, where {_requirement_text(first[1])}, which excludes {', '.join(first[1].excludes)}"


def _requirement_text(requirer: Requirer) -> str:
    place = f" ({requirer.place})" if requirer.place else ""
    return f"{requirer.by}{place} {requirer.verb} {requirer.requirement}"
