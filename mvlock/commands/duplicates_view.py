"""How several versions of one project are shown, and where the reasons are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mvlock.commands.console import Part
from mvlock.commands.options import Context
from mvlock.commands.workspace import open_workspace
from mvlock.lock.duplicates import PYPROJECT, Duplicate, Duplicates, Requirer, TreeVersion
from mvlock.lock.model import Lock
from mvlock.operations.lock_request import LockRequest


@contextmanager
def open_duplicates(lock: Lock, request: LockRequest, context: Context) -> Iterator[Duplicates]:
    """Projects of which ``lock`` has several versions; dependents' metadata comes from the cache or the index."""
    from mvlock.operations.locking import open_catalogue

    project = open_workspace(context.options).project
    with open_catalogue(project, lock, request, context.machine) as catalogue:
        yield Duplicates(lock, project, catalogue)


def duplicate_lines(duplicate: Duplicate) -> Iterator[tuple[Part, ...]]:
    """The project, its versions, and under each the trees with their requirements."""
    yield ((duplicate.name, "bold"),)
    for version in duplicate.versions:
        last = version == duplicate.versions[-1]
        yield (("└── " if last else "├── ", "dim"), version)
        rows = [
            row
            for tree_version in duplicate.tree_versions
            if tree_version.version == version
            for row in version_texts(tree_version, duplicate)
        ]
        for number, row in enumerate(rows):
            branch = "└── " if number == len(rows) - 1 else "├── "
            yield (("    " if last else "│   ") + branch, "dim"), row


def version_texts(tree_version: TreeVersion, duplicate: Duplicate) -> Iterator[str]:
    """What excludes other versions; if nothing in this tree does, what does in another tree with the same version."""
    reasons = [requirer for requirer in tree_version.required_by if requirer.excludes]
    for requirer in reasons:
        yield f"{tree_version.tree}: {_requirement_text(requirer)}, which excludes {', '.join(requirer.excludes)}"
    yield from (f"{tree_version.tree}: soft dependency, {reason}" for reason in tree_version.soft)
    direct = [requirer for requirer in tree_version.required_by if requirer.by == PYPROJECT]
    elsewhere = _elsewhere(tree_version, duplicate)
    if not reasons and not tree_version.soft and elsewhere is not None:
        yield f"{tree_version.tree}: has the version of {elsewhere}"
    elif not reasons and direct:
        yield f"{tree_version.tree}: {_requirement_text(direct[0])}; a direct dependency follows no other tree"
    elif not reasons and not tree_version.soft:
        yield f"{tree_version.tree}: no requirement excludes the others"


def _elsewhere(tree_version: TreeVersion, duplicate: Duplicate) -> str | None:
    """Another tree with the same version, and the requirement there that excludes others."""
    same_version = (
        other
        for other in duplicate.tree_versions
        if other.version == tree_version.version and other.tree != tree_version.tree
    )
    reasons = ((other, requirer) for other in same_version for requirer in other.required_by if requirer.excludes)
    first = next(reasons, None)
    if first is None:
        return None
    return f"{first[0].tree}, where {_requirement_text(first[1])}, which excludes {', '.join(first[1].excludes)}"


def _requirement_text(requirer: Requirer) -> str:
    place = f" ({requirer.place})" if requirer.place else ""
    return f"{requirer.by}{place} {requirer.verb} {requirer.requirement}"


def advice(duplicates: Iterable[Duplicate]) -> str | None:
    """What to do about versions that no requirement forces; None if there are none."""
    avoidable = [duplicate.name for duplicate in duplicates if duplicate.is_avoidable]
    if not avoidable:
        return None
    return (
        f"no requirement needs all these versions of {', '.join(avoidable)}: unless unify = false, "
        "`mvlock resolve --upgrade-package NAME` unifies those that it can"
    )


def duplicate_facts(duplicate: Duplicate) -> dict[str, object]:
    """The same for programs."""
    return {
        "name": duplicate.name,
        "versions": [
            {
                "version": version,
                "trees": [
                    _facts(tree_version) for tree_version in duplicate.tree_versions if tree_version.version == version
                ],
            }
            for version in duplicate.versions
        ],
    }


def _facts(tree_version: TreeVersion) -> dict[str, object]:
    required_by = [
        {
            "by": requirer.by,
            **({"place": requirer.place} if requirer.place else {}),
            "requirement": requirer.requirement,
            "excludes": requirer.excludes,
        }
        for requirer in tree_version.required_by
    ]
    return {
        "tree": tree_version.tree,
        "requirements": required_by,
        **({"soft": tree_version.soft} if tree_version.soft else {}),
    }
