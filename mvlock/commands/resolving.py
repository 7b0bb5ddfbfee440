"""What ``mvlock resolve`` does if there may be something to do."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.amounts import counted
from mvlock.commands.cached_environments import open_script
from mvlock.commands.changes import TreeChange, change_facts, change_lines, lock_changes, show_lines
from mvlock.commands.lock_request import LockRequest
from mvlock.commands.options import Context
from mvlock.commands.policy_check import check_policy
from mvlock.commands.workspace import Workspace, open_workspace, report_missing_folders
from mvlock.errors import LocalError, UnmetRequest
from mvlock.lock.current import LockInputs, record_current
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.lock.preferred import remove_preferred
from mvlock.project.digest import digest_files
from mvlock.project.problem import did_you_mean


def resolve(arguments: Namespace, request: LockRequest, inputs: LockInputs | None, context: Context) -> int:
    """Resolve or check; if the lock is current afterwards, that is recorded for ``inputs``."""
    workspace = (
        open_script(Path(arguments.script), context.options.cache)
        if arguments.script is not None
        else open_workspace(context.options, repair=not arguments.check)
    )
    inputs = inputs.with_files(digest_files(workspace.project)) if inputs is not None else None
    if report_missing_folders(workspace, context.console):
        inputs = None
    _check_names(workspace, request)
    if arguments.check:
        return _check(workspace, request, inputs, arguments, context)
    lock = _resolved(workspace, request, context)
    check_policy(workspace.project, lock, request, context)
    changes = lock_changes(workspace.lock, lock)
    changed = lock is not workspace.lock and not is_same_text(lock, workspace.lock)
    if changed and not arguments.dry_run:
        text = format_lock(lock)
        atomic.update(workspace.lock_path, text.encode())
        remove_preferred(workspace.project)
        inputs = inputs.with_lock(text) if inputs is not None else None
    if inputs is not None:
        record_current(inputs)
    if arguments.json:
        _show_json(workspace, changes, changed, arguments, context)
    elif arguments.dry_run:
        show_dry_run(workspace.lock_name, changes, changed, context)
    else:
        show_changes(workspace.lock_name, lock, changes, changed, context)
    return 0


def _resolved(workspace: Workspace, request: LockRequest, context: Context) -> Lock:
    """The lock; the resolver is not imported if the existing lock is still right."""
    if workspace.lock is not None and request.is_default and workspace.is_up_to_date:
        return workspace.lock
    from mvlock.commands.locking import make_lock

    return make_lock(workspace.project, workspace.previous, request, context)


def is_same_text(lock: Lock, other: Lock | None) -> bool:
    """Whether two locks are the same, byte by byte."""
    return other is not None and format_lock(lock) == format_lock(other)


def show_changes(name: str, lock: Lock, changes: tuple[TreeChange, ...], changed: bool, context: Context) -> None:
    """Show what changed in the lock ``name``, which has been written, or that nothing did."""
    console = context.console
    if not changed:
        console.info(f"{name} is up to date")
        return
    lines = change_lines(changes)
    show_lines(lines, context)
    show_locked(name, lock, len(lines), context)


def show_locked(name: str, lock: Lock, changed: int, context: Context) -> None:
    """Show what is in the lock ``name``, which has been written."""
    console = context.console
    count = f"{counted(len(lock.trees), 'trees')}, {counted(len(lock.packages), 'distributions')}"
    console.info(("Locked", "bold green"), f" {count} in {name} in {console.elapsed} ({changed} changed)")


def show_dry_run(name: str, changes: tuple[TreeChange, ...], changed: bool, context: Context) -> None:
    """Print the changes to standard output, since they are the result of a dry run."""
    for line in change_lines(changes):
        context.console.data(*line)
    context.console.info(f"{name} {'would change' if changed else 'is up to date'}")


def _show_json(
    workspace: Workspace, changes: tuple[TreeChange, ...], changed: bool, arguments: Namespace, context: Context
) -> None:
    status = "up-to-date" if not changed else "would-change" if arguments.dry_run else "changed"
    facts = {"status": status, "lock": str(workspace.lock_path), "trees": change_facts(changes)}
    context.console.data(json.dumps(facts, indent=2))


def _check(
    workspace: Workspace, request: LockRequest, inputs: LockInputs | None, arguments: Namespace, context: Context
) -> int:
    """Check that the lock is current; if not, raise an error with the reason (exit code 1)."""
    lock = workspace.current_lock()
    if not (request.is_default and workspace.is_up_to_date) and not _is_lock_current(workspace, lock, request, context):
        text = f"{workspace.lock_name} is stale: it was made for other environments"
        raise UnmetRequest("lock-stale", text, hint=f"run `{workspace.resolve_command}`")
    check_policy(workspace.project, lock, request, context)
    if inputs is not None:
        record_current(inputs)
    if arguments.json:
        _show_json(workspace, (), False, arguments, context)
        return 0
    context.console.info(f"{workspace.lock_name} is up to date")
    return 0


def _is_lock_current(workspace: Workspace, lock: Lock, request: LockRequest, context: Context) -> bool:
    from mvlock.commands.locking import is_lock_current

    return is_lock_current(workspace.project, lock, request, context)


def _check_names(workspace: Workspace, request: LockRequest) -> None:
    """Check that what ``--upgrade-package`` names is locked; anything else is a typing mistake."""
    locked = {package.name for package in workspace.lock.packages} if workspace.lock else set()
    trees = {tree.name for tree in workspace.lock.trees} if workspace.lock else set()
    for name in sorted(request.upgrade_packages - locked):
        if workspace.lock is not None:
            text = f"--upgrade-package: {workspace.lock_name} does not contain '{name}'"
            raise LocalError("project-unknown", text + did_you_mean(name, locked))
    for tree in sorted(request.upgrade_trees - trees):
        if workspace.lock is not None:
            text = f"--upgrade-tree: {workspace.lock_name} has no tree '{tree}'"
            raise LocalError("tree-unknown", text + did_you_mean(tree, trees))
