"""``mvlock why NAME``: the shortest way from each tree's requirements to a project."""

from __future__ import annotations

from argparse import Namespace
from collections import deque
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mvlock.commands.options import Shell
from mvlock.commands.tree import dependency_name
from mvlock.commands.workspace import LOCK_FILE, note_if_stale, open_lock
from mvlock.errors import AnswerIsNo
from mvlock.lock.model import Lock, LockedTree
from mvlock.project.problem import did_you_mean


def execute(arguments: Namespace, shell: Shell) -> int:
    """Print a line per tree and version; exit code 1 if nothing holds the project."""
    lock = open_lock(shell.options)
    name = canonicalize_name(arguments.name)
    if name not in {package.name for package in lock.packages}:
        guess = did_you_mean(name, (package.name for package in lock.packages))
        raise AnswerIsNo("project-unknown", f"{LOCK_FILE} does not hold '{name}'{guess}")
    for tree in lock.trees:
        for version, way in reasons(tree, name):
            shell.console.data((tree.name, "bold"), f": {name} {version}")
            shell.console.data(("    " + " → ".join(way), "dim"))
    _tell_double(lock, name, shell)
    note_if_stale(shell.options, shell.console)
    return 0


def reasons(tree: LockedTree, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each locked version of ``name`` in the tree, with the shortest way there.

    A way starts with a requirement as pyproject.toml has it, then ``name version`` of each distribution.
    """
    versions = sorted({member.version for member in tree.packages if member.name == name})
    for version in versions:
        yield version, _way(tree, name, version)


def _way(tree: LockedTree, name: str, version: str) -> tuple[str, ...]:
    members: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for member in tree.packages:
        members.setdefault(member.name, []).append((member.version, member.dependencies))
    queue: deque[tuple[tuple[str, ...], str]] = deque(
        ((text,), canonicalize_name(Requirement(text).name)) for text in sorted(tree.requires)
    )
    seen: set[str] = set()
    while queue:
        way, here = queue.popleft()
        if here == name:
            return (*way, f"{name} {version}")
        if here in seen:
            continue
        seen.add(here)
        for locked, dependencies in members.get(here, ()):
            for text in dependencies:
                queue.append(((*way, f"{here} {locked}"), dependency_name(text)))
    return (f"{name} {version}",)


def _tell_double(lock: Lock, name: str, shell: Shell) -> None:
    versions = sorted({package.version for package in lock.packages if package.name == name})
    if len(versions) > 1:
        shell.console.talk(f"{len(versions)} versions of {name} are locked: {', '.join(versions)}")
