"""The lock of a project: the existing one while it is right, else a new one. Few imports, for the first case."""

from __future__ import annotations

from mvlock.base import atomic
from mvlock.errors import LocalError
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.lock.preferred import remove_preferred
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.operations.opened_project import OpenedProject
from mvlock.operations.policy import check_policy
from mvlock.project.problem import did_you_mean


def resolved_lock(opened: OpenedProject, request: LockRequest, machine: Machine) -> Lock:
    """The lock, which is not written and obeys the policy; the same one if nothing has changed.

    :raises LocalError: ``project-unknown``, ``tree-unknown``: what is to be upgraded is not locked
    :raises MvlockError: see ``make_lock`` and ``check_policy``
    """
    _check_names(opened, request)
    lock = _current_lock(opened, request, machine)
    check_policy(opened.project, lock, request, machine)
    return lock


def _current_lock(opened: OpenedProject, request: LockRequest, machine: Machine) -> Lock:
    if opened.lock is not None and request.is_default and opened.is_up_to_date:
        return opened.lock
    from mvlock.operations.locking import make_lock

    return make_lock(opened.project, opened.previous, request, machine)


def save_lock(opened: OpenedProject, lock: Lock) -> str:
    """Write a lock, unless the file has it already, and return its text."""
    text = format_lock(lock)
    atomic.update(opened.lock_path, text.encode())
    remove_preferred(opened.project)
    return text


def _check_names(opened: OpenedProject, request: LockRequest) -> None:
    """Check that what is to be upgraded is locked; anything else is a typing mistake."""
    if opened.lock is None:
        return
    locked = {package.name for package in opened.lock.packages}
    trees = {tree.name for tree in opened.lock.trees}
    for name in sorted(request.upgraded_projects - locked):
        text = f"{opened.lock_name} does not contain '{name}'"
        raise LocalError("project-unknown", text + did_you_mean(name, locked))
    for tree in sorted(request.upgrade_trees - trees):
        text = f"{opened.lock_name} has no tree '{tree}'"
        raise LocalError("tree-unknown", text + did_you_mean(tree, trees))
