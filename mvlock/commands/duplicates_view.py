"""How several versions of one project are shown, and where the reasons are read from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from mvlock.commands.console import Part
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.lock.duplicates import Duplicate, Duplicates, TreeVersion
from mvlock.lock.model import Lock
from mvlock.lock.version_reasons import version_texts
from mvlock.operations.lock_request import LockRequest


@contextmanager
def open_duplicates(lock: Lock, request: LockRequest, context: Context) -> Iterator[Duplicates]:
    """Projects of which ``lock`` has several versions; dependents' metadata comes from the cache or the index."""
    from mvlock.operations.locking import open_catalogue

    project = open_project(context.options).project
    with open_catalogue(project, lock, request, context.machine) as catalogue:
        yield Duplicates(lock, project, catalogue)


def show_duplicates(duplicates: list[Duplicate], context: Context, *, as_json: bool, none: str) -> None:
    """Print them, and what to do; ``none`` says that there are none."""
    if as_json:
        context.console.data(json.dumps([duplicate_facts(duplicate) for duplicate in duplicates], indent=2))
        return
    for line in (line for duplicate in duplicates for line in duplicate_lines(duplicate)):
        context.console.data(*line)
    message = advice(duplicates) if duplicates else none
    if message:
        context.console.info(message)


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
        **({"member": tree_version.member} if tree_version.member else {}),
        "tree": tree_version.tree,
        "requirements": required_by,
        **({"soft": tree_version.soft} if tree_version.soft else {}),
    }
