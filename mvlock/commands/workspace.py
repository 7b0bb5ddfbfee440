"""The project and the lock that a command works on."""

from __future__ import annotations

from contextlib import suppress

from mvlock.commands.console import Console
from mvlock.commands.options import Options
from mvlock.errors import MvlockError
from mvlock.lock.model import Lock
from mvlock.operations.workspace import LOCK_FILE, Workspace, missing_lock, read_lock_if_present, workspace_of
from mvlock.project.parsed import read_project


def open_workspace(options: Options, *, repair: bool = False) -> Workspace:
    """The project in ``--project`` or in the nearest parent folder, with its lock; see ``workspace_of``.

    :raises LocalError: see ``read_project`` and ``read_lock``
    """
    return workspace_of(read_project(options.root, options.cache), options.cache, repair=repair)


def open_lock(options: Options) -> Lock:
    """The lock alone, as it is.

    :raises UnmetRequest: ``lock-missing``
    :raises LocalError: see ``read_lock``
    """
    path = options.root / LOCK_FILE
    lock = read_lock_if_present(path, options.cache)
    if lock is None:
        raise missing_lock(path)
    return lock


def note_if_stale(options: Options, console: Console) -> None:
    """Add a note to an answer from the lock alone if pyproject.toml has changed since."""
    with suppress(MvlockError):
        workspace = open_workspace(options)
        if workspace.is_stale:
            console.note(f"{workspace.stale_message}; run `mvlock resolve`")
