"""``mvlock outdated``: what an upgrade would change, and which versions are newer than it could choose."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mvlock.base.pep508 import parse_version
from mvlock.commands.columns import aligned
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locked_names import chosen_trees
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context, option_values
from mvlock.index.model import IndexFile, PackageIndex
from mvlock.lock.model import Lock
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.opened_project import OpenedProject


class Outdated(msgspec.Struct, frozen=True):
    """A project in a tree: its locked version, the one after an upgrade, and the newest on its index."""

    tree: str
    name: str
    locked: str
    upgrade: str
    newest: str


def execute(arguments: Namespace, context: Context) -> int:
    """Print a line per outdated project; exit code 0 even if there are some."""
    found = find_outdated(arguments, context)
    if arguments.json:
        facts = [
            {key: getattr(entry, key) for key in ("tree", "name", "locked", "upgrade", "newest")} for entry in found
        ]
        context.console.data(json.dumps(facts, indent=2))
        return 0
    for line in _lines(found):
        context.console.data(line)
    if not found:
        context.console.info("everything is up to date")
    return 0


def find_outdated(arguments: Namespace, context: Context) -> list[Outdated]:
    """What is outdated in the trees that a command line names; requests the index.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``
    """
    opened = open_project(context.options)
    lock = opened.current_lock()
    shown = {tree.name for tree in chosen_trees(lock, arguments.trees)}
    request = lock_request(option_values(arguments))
    upgraded = _upgraded(opened, lock, request, context)
    newest = _newest(opened, lock, request, context)
    return [entry for entry in _outdated(lock, upgraded, newest) if entry.tree in shown]


def _upgraded(opened: OpenedProject, lock: Lock, request: LockRequest, context: Context) -> Lock:
    from mvlock.operations.locking import make_lock

    return make_lock(opened.project, lock, request._replace(upgrade=True), context.machine)


def _newest(opened: OpenedProject, lock: Lock, request: LockRequest, context: Context) -> dict[str, Version]:
    """The newest final version of each project from an index that is not yanked, compatible or not."""
    from mvlock.operations.opening_index import open_indexes

    names = sorted({canonicalize_name(package.name) for package in lock.packages if package.index})
    with open_indexes(opened.project, context.machine, offline=request.offline, index_url=request.index_url) as index:
        index.prefetch(names)
        found = {str(name): max(_finals(_files(index, name)), default=None) for name in names}
    return {name: version for name, version in found.items() if version is not None}


def _files(index: PackageIndex, name: str) -> tuple[IndexFile, ...]:
    page = index.page(canonicalize_name(name))
    return page.files if page else ()


def _finals(files: Iterable[IndexFile]) -> Iterator[Version]:
    for text in {file.version for file in files if file.yanked is None}:
        with suppress(InvalidVersion):
            version = parse_version(text)
            if not version.is_prerelease:
                yield version


def _outdated(lock: Lock, upgraded: Lock, newest: dict[str, Version]) -> Iterator[Outdated]:
    upgraded_trees = {tree.name: tree for tree in upgraded.trees}
    for tree in lock.trees:
        packages = upgraded_trees[tree.name].packages if tree.name in upgraded_trees else ()
        after: dict[str, str] = {package.name: package.version for package in packages}
        for name, version in {package.name: package.version for package in tree.packages}.items():
            best = newest.get(name, Version(version))
            upgrade = after.get(name, "")
            if upgrade != version or best > Version(version):
                yield Outdated(tree.name, name, version, upgrade, str(max(best, Version(version))))


def _lines(found: list[Outdated]) -> Iterator[str]:
    """Lines in columns; a project that an upgrade does not change shows only its newest version."""
    rows = [("tree", "project", "locked", "upgrade", "newest")] if found else []
    for entry in found:
        upgrade = entry.upgrade or "(gone)"
        rows.append((entry.tree, entry.name, entry.locked, "-" if upgrade == entry.locked else upgrade, entry.newest))
    return aligned(rows)
