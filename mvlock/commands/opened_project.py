"""The project and the lock that a command works on."""

from __future__ import annotations

from contextlib import suppress

from mvlock.commands.console import Console
from mvlock.commands.options import Options
from mvlock.errors import MvlockError
from mvlock.lock.model import Lock
from mvlock.operations.opened_project import (
    LOCK_FILE,
    OpenedProject,
    missing_lock,
    opened_project,
    read_lock_if_present,
)
from mvlock.project.parsed import read_project


def open_project(options: Options, *, repair: bool = False) -> OpenedProject:
    """The project in ``--project`` or in the nearest parent folder, with its lock; see ``opened_project``.

    :raises LocalError: see ``read_project`` and ``read_lock``
    """
    return opened_project(read_project(options.root, options.cache), options.cache, repair=repair)


def open_lock(options: Options) -> Lock:
    """The lock alone, as it is.

    :raises UnmetRequest: ``lock-missing``
    :raises LocalError: ``workspace-virtual``, and see ``read_lock``
    """
    path = options.root / LOCK_FILE
    lock = read_lock_if_present(path, options.cache)
    if lock is None:
        from mvlock.project.workspace import check_is_project

        check_is_project(options.root)
        raise missing_lock(path)
    return lock


def note_if_stale(options: Options, console: Console) -> None:
    """Add a note to an answer from the lock alone if pyproject.toml has changed since."""
    with suppress(MvlockError):
        opened = open_project(options)
        if opened.is_stale:
            console.note(f"{opened.stale_message}; run `mvlock resolve`")
