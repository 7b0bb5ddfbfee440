"""What people name in a lock: trees, and projects."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType

from packaging.utils import NormalizedName, canonicalize_name

from mvlock.commands.amounts import listed
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Options
from mvlock.errors import LocalError, MvlockError, UnmetRequest
from mvlock.lock.model import Lock, LockedTree
from mvlock.operations.opened_project import LOCK_FILE, read_lock_if_present
from mvlock.project.problem import did_you_mean


def chosen_trees(lock: Lock, names: list[str]) -> list[LockedTree]:
    """The trees with these names; all of them if there are no names.

    :raises LocalError: ``tree-unknown``
    """
    known = {tree.name: tree for tree in lock.trees}
    for name in names:
        if name not in known:
            guess = did_you_mean(name, known)
            raise LocalError("tree-unknown", f"{LOCK_FILE} has no tree '{name}'{guess}")
    return [tree for tree in lock.trees if not names or tree.name in names]


def locked_name(
    lock: Lock, text: str, options: Options, reasons: Mapping[str, str] = MappingProxyType({})
) -> NormalizedName:
    """The normalised name of a project that the lock has; ``reasons``: why it does not have some.

    :raises UnmetRequest: ``project-not-locked``
    """
    name, known = canonicalize_name(text), {package.name for package in lock.packages}
    if name not in known:
        reason = f": {reasons[name]}" if name in reasons else _own(name, options) or did_you_mean(name, known)
        text = f"{LOCK_FILE} does not contain '{name}'{reason}"
        raise UnmetRequest("project-not-locked", text, hint=_elsewhere(name, options))
    return name


def _own(name: NormalizedName, options: Options) -> str:
    """What to say if the project itself has this name."""
    with suppress(MvlockError):
        return ": it is this project" if canonicalize_name(open_project(options).project.name) == name else ""
    return ""


def _elsewhere(name: NormalizedName, options: Options) -> str | None:
    """Which other members of the workspace have a project in their locks."""
    from mvlock.project.workspace import workspace_of

    members = []
    with suppress(MvlockError):
        workspace = workspace_of(options.root)
        for member, folder in workspace.members.items() if workspace is not None else ():
            lock = read_lock_if_present(folder / LOCK_FILE, options.cache)
            if lock is not None and any(package.name == name for package in lock.packages):
                members.append(f"`--package {member}`")
    return f"other members of the workspace have it: {listed(members)}" if members else None
