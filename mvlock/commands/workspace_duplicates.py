"""``mvlock tree --duplicates`` in the root of a workspace: versions in the locks of all members."""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace
from packaging.version import Version

from mvlock.commands.duplicates_view import show_duplicates
from mvlock.commands.lock_request import lock_request
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.errors import MvlockError
from mvlock.index.connections import Connections
from mvlock.lock.duplicates import Duplicate, Duplicates, TreeVersion
from mvlock.lock.model import Lock
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.locking import open_catalogue
from mvlock.operations.opened_project import LOCK_FILE, missing_lock
from mvlock.project.model import Project
from mvlock.project.workspace import Workspace

_Locked = tuple[Project, Lock]
_Versions = Mapping[str, Mapping[str, frozenset[str]]]
"""The versions of each project, by member."""


def show_workspace_duplicates(workspace: Workspace, arguments: Namespace, context: Context) -> None:
    """Print the projects that have several versions in one member, or not the same ones in all that have them.

    :raises UnmetRequest: ``lock-missing``: no member has a lock
    """
    locked: dict[str, _Locked] = {}
    for name, folder in workspace.members.items():
        with context.console.about(name):
            found = _locked(folder, context)
        if found is not None:
            locked[name] = found
    if not locked:
        raise missing_lock(workspace.root / LOCK_FILE)
    with Connections() as connections:
        shared = context._replace(connections=connections)
        duplicates = list(_duplicates(locked, lock_request(option_values(arguments)), shared))
    none = "no two members have different versions of a project"
    show_duplicates(duplicates, context, as_json=arguments.json, none=none)


def _locked(folder: Path, context: Context) -> _Locked | None:
    """A member with its lock, with a note if it is stale; None, with a note, if there is nothing to compare."""
    try:
        opened = open_project(context.options._replace(project=folder))
    except MvlockError as error:
        context.console.note(f"not compared: {error.message}")
        return None
    if opened.lock is None:
        context.console.note(f"not compared: it has no {LOCK_FILE} yet; run `mvlock resolve`")
        return None
    if opened.is_stale:
        context.console.note(f"{opened.stale_message}; run `mvlock resolve`")
    return opened.project, opened.lock


def _duplicates(locked: Mapping[str, _Locked], request: LockRequest, context: Context) -> Iterator[Duplicate]:
    versions = _versions({member: lock for member, (_, lock) in locked.items()})
    found: dict[str, list[TreeVersion]] = defaultdict(list)
    for member, (project, lock) in locked.items():
        with open_catalogue(project, lock, request, context.machine) as catalogue:
            duplicates = Duplicates(lock, project, catalogue, _elsewhere(member, versions))
            for duplicate in filter(None, map(duplicates.duplicate, duplicates.names())):
                found[duplicate.name] += [replace(one, member=member) for one in duplicate.tree_versions]
    for name, tree_versions in sorted(found.items()):
        yield Duplicate(name, tuple(sorted(tree_versions, key=lambda one: (Version(one.version), one.place))))


def _versions(locks: Mapping[str, Lock]) -> _Versions:
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for member, lock in locks.items():
        for package in lock.packages:
            found[package.name][member] = found[package.name].get(member, frozenset()) | {package.version}
    return found


def _elsewhere(member: str, versions: _Versions) -> Mapping[str, frozenset[str]]:
    """The versions that others have, of the projects of which not all members have the same ones.

    Versions that differ in all members alike are for different environments.
    """
    return {
        name: _joined(found for other, found in of_project.items() if other != member)
        for name, of_project in versions.items()
        if len(set(of_project.values())) > 1
    }


def _joined(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
