"""The project and the lock that a command works on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from mvlock.commands.console import Console
from mvlock.commands.options import Options
from mvlock.errors import LocalError, MvlockError, UnmetRequest
from mvlock.lock.declared_trees import trees_difference
from mvlock.lock.lockfile import read_lock
from mvlock.lock.model import Lock
from mvlock.project.digest import inputs_digest
from mvlock.project.folders import missing_folders
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project
from mvlock.project.parsed import read_project

LOCK_FILE = "mv.lock"


class Workspace(msgspec.Struct, frozen=True):
    """``lock`` is None if there is no mv.lock yet."""

    project: Project
    lock: Lock | None

    @property
    def lock_path(self) -> Path:
        """Where mv.lock is, or will be."""
        return self.project.root / LOCK_FILE

    @property
    def is_stale(self) -> bool:
        """Whether there is no lock, or it does not match pyproject.toml."""
        return self._is_outdated or self._mismatch is not None

    @property
    def _is_outdated(self) -> bool:
        """Whether pyproject.toml has changed in a way that affects the lock."""
        return self.lock is None or self.lock.inputs != inputs_digest(self.project)

    @property
    def _mismatch(self) -> str | None:
        """What in the lock cannot come from this pyproject.toml, because it was edited, or merged line by line."""
        return trees_difference(self.project, self.lock) if self.lock is not None else None

    @property
    def stale_message(self) -> str:
        """The message for a stale lock; a digest does not say which of the files that it covers has changed."""
        if not self._is_outdated:
            return f"{LOCK_FILE} is stale, it was changed by hand: {self._mismatch}"
        sources = [source.relative for source in self.project.sources.values() if isinstance(source, PathSource)]
        changed = " or ".join([FILE_NAME, *sorted(set(sources))])
        return f"{LOCK_FILE} is stale: {changed} has changed since it was made"

    @property
    def is_up_to_date(self) -> bool:
        """Whether a plain ``resolve`` has nothing to do: the lock is current, and for the project's environments."""
        if self.lock is None or self.is_stale:
            return False
        return self.lock.environments == tuple(sorted(str(marker) for marker in self.project.environments))

    def current_lock(self, *, frozen: bool = False) -> Lock:
        """The lock, if it may be installed; a stale one only if ``frozen``.

        :raises UnmetRequest: ``lock-missing``, ``lock-stale``
        """
        if self.lock is None:
            raise _missing(self.project.root)
        if not frozen and self.is_stale:
            raise UnmetRequest(
                "lock-stale",
                self.stale_message,
                hint="run `mvlock resolve`, or use `--frozen` to take the lock as it is",
            )
        return self.lock


def open_workspace(options: Options, *, repair: bool = False) -> Workspace:
    """The project in ``--project`` or in the nearest parent folder, with its lock.

    ``repair``: a lock that has both sides of a merge conflict is read as the pins of both, and is stale.

    :raises LocalError: see ``read_project`` and ``read_lock``
    """
    project = read_project(options.root, options.cache)
    path = project.root / LOCK_FILE
    try:
        return Workspace(project, _read_lock_if_present(path, options.cache))
    except LocalError as error:
        merged = _read_both_sides(path) if repair and error.code == "lock-merge-conflict" else None
        if merged is None:
            raise
        return Workspace(project, merged)


def open_lock(options: Options) -> Lock:
    """The lock alone, as it is.

    :raises UnmetRequest: ``lock-missing``
    :raises LocalError: see ``read_lock``
    """
    root = options.root
    lock = _read_lock_if_present(root / LOCK_FILE, options.cache)
    if lock is None:
        raise _missing(root)
    return lock


def note_if_stale(options: Options, console: Console) -> None:
    """Add a note to an answer from the lock alone if pyproject.toml has changed since."""
    with suppress(MvlockError):
        workspace = open_workspace(options)
        if workspace.is_stale:
            console.note(f"{workspace.stale_message}; run `mvlock resolve`")


def report_missing_folders(workspace: Workspace, console: Console) -> bool:
    """Whether a folder of the application's code is missing. That is reported, so the result is not recorded."""
    found = missing_folders(workspace.project)
    for text in found:
        console.note(text)
    return bool(found)


def _read_lock_if_present(path: Path, cache: Path) -> Lock | None:
    return read_lock(path, cache) if path.exists() else None


def _read_both_sides(path: Path) -> Lock | None:
    from mvlock.lock.conflict import merged_lock

    return merged_lock(path.read_text(encoding="utf-8"))


def _missing(root: Path) -> UnmetRequest:
    return UnmetRequest("lock-missing", f"there is no {LOCK_FILE} in {root}", hint="run `mvlock resolve`")
