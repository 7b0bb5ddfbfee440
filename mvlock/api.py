"""mvlock for other programs: load a project, lock it, install it, verify it.

Provisional: names and arguments may change in any version before 1.0 (docs/api.md).

The functions do what the commands ``resolve``, ``install`` and ``verify`` do, and find the same cache and the same
settings of the user. They print nothing and never end the process: progress and notes go to a ``Reporter``, and
everything that goes wrong is a ``MvlockError`` with a ``code``. What they change appears as a whole or not at all, even
after a KeyboardInterrupt. They may be called from any thread; one call at a time changes a project.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mvlock.base.os_errors import file_system_error
from mvlock.environment.link import LinkMode
from mvlock.errors import BadArtifact, LocalError, MvlockError, NetworkFailure, UnmetRequest
from mvlock.install.options import InstallReport
from mvlock.lock.model import Lock
from mvlock.operations import installing
from mvlock.operations.cache_lock import locked_cache
from mvlock.operations.installing import InstallRequest
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.machine import Machine
from mvlock.operations.opened_project import opened_project, report_missing_folders
from mvlock.operations.project_lock import locked_project
from mvlock.operations.resolving import resolved_lock, save_lock
from mvlock.progress import Reporter, SilentReporter, SilentTask, Task
from mvlock.project.model import Project
from mvlock.project.parsed import read_project

__all__ = [
    "BadArtifact",
    "InstallReport",
    "InstallRequest",
    "LinkMode",
    "LocalError",
    "Lock",
    "LockRequest",
    "MvlockError",
    "NetworkFailure",
    "Project",
    "Reporter",
    "SilentReporter",
    "SilentTask",
    "Task",
    "UnmetRequest",
    "install",
    "load",
    "lock",
    "verify",
]

_AS_DECLARED = LockRequest()
_BY_DEFAULT = InstallRequest()


def load(path: Path | str = ".", *, cache: Path | None = None) -> Project:
    """The project whose pyproject.toml is in the folder ``path``, as it is now: a value that does not change.

    ``cache``: the folder of mvlock's cache; None: the user's own, as for the commands.

    :raises LocalError: everything that is wrong with pyproject.toml, or ``project-missing``
    """
    root, machine = Path(path), Machine.of(os.environ, cache)
    with _using_cache(root, machine):
        return read_project(root, machine.cache)


def lock(
    project: Project,
    request: LockRequest = _AS_DECLARED,
    *,
    cache: Path | None = None,
    reporter: Reporter | None = None,
) -> Lock:
    """Resolve the project, write mv.lock if that changes it, and return it. Locked versions stay while they fit.

    :raises UnmetRequest: there is no resolution, an index does not have a project, or the policy forbids the result
    :raises LocalError: mv.lock cannot be read, or names what is to be upgraded not at all
    :raises NetworkFailure: an index or a git server did not respond
    :raises BadArtifact: metadata is not what it must be, or a build failed
    """
    with _changing(project, cache, reporter) as machine:
        opened = opened_project(project, machine.cache, repair=True)
        report_missing_folders(project, machine.reporter)
        made = resolved_lock(opened, request, machine)
        if made is not opened.lock:
            save_lock(opened, made)
        return made


def install(
    project: Project,
    request: InstallRequest = _BY_DEFAULT,
    *,
    cache: Path | None = None,
    reporter: Reporter | None = None,
) -> InstallReport:
    """Install what mv.lock says, touching only what changes. Nothing is locked: ``lock`` does that.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``, or the lock is not for this machine
    :raises LocalError: ``python-missing``, ``group-unknown``, ``extra-unknown``, ``folder-not-ours``, ``disk-full``
    :raises NetworkFailure: a file cannot be fetched
    :raises BadArtifact: a file is not what the lock says, or a build failed
    """
    with _changing(project, cache, reporter) as machine:
        locked = opened_project(project, machine.cache).current_lock()
        report_missing_folders(project, machine.reporter)
        return installing.install(project, locked, request, machine)


def verify(
    project: Project,
    request: InstallRequest = _BY_DEFAULT,
    *,
    cache: Path | None = None,
    reporter: Reporter | None = None,
) -> None:
    """Compare every file that is installed with mv.lock; changes nothing. ``request``: that of the install.

    :raises UnmetRequest: ``verification-failed``, with all that is wrong as ``facts["trees"]``; ``lock-missing``,
        ``lock-stale``
    """
    machine = Machine.of(os.environ, cache, reporter)
    with _using_cache(project.root, machine):
        installing.verify(project, opened_project(project, machine.cache).current_lock(), request, machine)


@contextmanager
def _changing(project: Project, cache: Path | None, reporter: Reporter | None) -> Iterator[Machine]:
    """Exclusive access to a project."""
    machine = Machine.of(os.environ, cache, reporter)
    with _using_cache(project.root, machine), locked_project(project.root, machine):
        yield machine


@contextmanager
def _using_cache(root: Path, machine: Machine) -> Iterator[None]:
    """Nothing is removed from the cache meanwhile. Errors of the operating system become ours."""
    try:
        with locked_cache(machine):
            yield
    except OSError as error:
        raise file_system_error(error, {"the cache": machine.cache, "the project": root}) from error
