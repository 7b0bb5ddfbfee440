"""What ``mvlock resolve`` does if there may be something to do."""

from __future__ import annotations

import json
from argparse import Namespace
from itertools import groupby
from pathlib import Path

from mvlock.commands.amounts import counted, listed
from mvlock.commands.cached_environments import open_script
from mvlock.commands.changes import TreeChange, change_facts, change_lines, lock_changes, show_lines
from mvlock.commands.member_settings import note_settings_of_sources
from mvlock.commands.opened_project import open_project
from mvlock.commands.options import Context
from mvlock.errors import LocalError, UnmetRequest
from mvlock.install.generated_folders import check_application_folder
from mvlock.lock.current import LockInputs, record_current
from mvlock.lock.lockfile import format_lock
from mvlock.lock.model import Lock
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.opened_project import OpenedProject, report_missing_folders
from mvlock.operations.policy import check_policy
from mvlock.operations.resolving import resolved_lock, save_lock
from mvlock.project.digest import digest_files
from mvlock.project.model import Policy


def resolve(arguments: Namespace, request: LockRequest, inputs: LockInputs | None, context: Context) -> int:
    """Resolve; if the lock is current afterwards, that is recorded for ``inputs``."""
    opened, inputs = _opened(arguments, inputs, context)
    _note_foreign_folder(opened, context)
    lock = resolved_lock(opened, request, context.machine)
    changes = lock_changes(opened.lock, lock)
    changed = lock is not opened.lock and not is_same_text(lock, opened.lock)
    if changed and not arguments.dry_run:
        text = save_lock(opened, lock)
        inputs = inputs.with_lock(text) if inputs is not None else None
    if inputs is not None:
        record_current(inputs)
    if arguments.json:
        _show_json(opened, changes, changed, arguments, context)
    elif arguments.dry_run:
        show_dry_run(opened.lock_name, changes, changed, context)
    else:
        show_changes(opened.lock_name, lock, changes, changed, context)
    note_settings_of_sources(opened.project, context)
    return 0


def check(
    arguments: Namespace, request: LockRequest, inputs: LockInputs | None, context: Context, *, with_policy: bool
) -> int:
    """Check that the lock is current and obeys the policy; that is recorded for ``inputs`` if both are known.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``, ``policy-violated``
    """
    opened, inputs = _opened(arguments, inputs, context)
    lock = opened.current_lock()
    if not (request.is_default and opened.is_up_to_date) and not _is_lock_current(opened, lock, request, context):
        text = f"{opened.lock_name} is stale: it was made for other environments"
        raise UnmetRequest("lock-stale", text, hint=f"run `{opened.resolve_command}`")
    if with_policy:
        check_policy(opened.project, lock, request, context.machine)
    if inputs is not None and (with_policy or opened.project.policy == Policy()):
        record_current(inputs)
    if arguments.json:
        _show_json(opened, (), False, arguments, context)
    else:
        context.console.info(f"{opened.lock_name} is up to date")
    return 0


def _opened(
    arguments: Namespace, inputs: LockInputs | None, context: Context
) -> tuple[OpenedProject, LockInputs | None]:
    """The project or script, and the inputs of its lock; None if the result is not to be recorded."""
    opened = (
        open_script(Path(arguments.script), context.options.cache)
        if arguments.script is not None
        else open_project(context.options, repair=not arguments.check)
    )
    inputs = inputs.with_files(digest_files(opened.project)) if inputs is not None else None
    return opened, None if report_missing_folders(opened.project, context.console) else inputs


def _note_foreign_folder(opened: OpenedProject, context: Context) -> None:
    """Say before the work what the install after it would refuse."""
    try:
        check_application_folder(opened.project)
    except LocalError as error:
        context.console.note(f"{error.message}; {error.hint}")


def is_same_text(lock: Lock, other: Lock | None) -> bool:
    """Whether two locks are the same, byte by byte."""
    return other is not None and format_lock(lock) == format_lock(other)


def show_changes(
    name: str,
    lock: Lock,
    changes: tuple[TreeChange, ...],
    changed: bool,
    context: Context,
    *,
    time: str | None = None,
) -> None:
    """Show what changed in the lock ``name``, which has been written, or that nothing did; ``time`` as below."""
    console = context.console
    if not changed:
        console.info(f"{name} is up to date")
        return
    lines = change_lines(changes)
    show_lines(lines, context)
    show_locked(name, lock, len(lines), context, time=time)


def show_locked(name: str, lock: Lock, changed: int, context: Context, *, time: str | None = None) -> None:
    """Show what is in the lock ``name``, which has been written, and the ``time`` that took (None: until now)."""
    console = context.console
    count = f"{counted(len(lock.packages), 'distributions')}{_conflicts_text(lock)}"
    console.info(("Locked", "bold green"), f" {count} in {name} in {time or console.lap()} ({changed} changed)")


def _conflicts_text(lock: Lock) -> str:
    """Which projects trees have in different versions; other markers in one tree are no difference."""
    versions: dict[str, set[frozenset[str]]] = {}
    for tree in lock.trees:
        for name, members in groupby(tree.packages, key=lambda member: member.name):
            versions.setdefault(name, set()).add(frozenset(member.version for member in members))
    names = sorted(name for name, found in versions.items() if len(found) > 1)
    if not names:
        return ", one version of each," if len(lock.trees) > 1 else ""
    return f", several versions of {listed(names)},"


def show_dry_run(name: str, changes: tuple[TreeChange, ...], changed: bool, context: Context) -> None:
    """Print the changes to standard output, since they are the result of a dry run."""
    for line in change_lines(changes):
        context.console.data(*line)
    context.console.info(f"{name} {'would change' if changed else 'is up to date'}")


def _show_json(
    opened: OpenedProject, changes: tuple[TreeChange, ...], changed: bool, arguments: Namespace, context: Context
) -> None:
    status = "up-to-date" if not changed else "would-change" if arguments.dry_run else "changed"
    facts = {"status": status, "lock": str(opened.lock_path), "trees": change_facts(changes)}
    context.console.data(json.dumps(facts, indent=2))


def _is_lock_current(opened: OpenedProject, lock: Lock, request: LockRequest, context: Context) -> bool:
    from mvlock.operations.locking import is_lock_current

    return is_lock_current(opened.project, lock, request, context.machine)
