"""The project and the lock that an operation works on."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mvlock.errors import LocalError, UnmetRequest
from mvlock.lock.current import LockInputs, changed_files
from mvlock.lock.declared_trees import trees_difference
from mvlock.lock.lockfile import read_lock
from mvlock.lock.model import Lock
from mvlock.progress import Reporter
from mvlock.project.digest import inputs_digest
from mvlock.project.folders import missing_folders
from mvlock.project.location import FILE_NAME
from mvlock.project.model import PathSource, Project

LOCK_FILE = "mv.lock"


class OpenedProject(msgspec.Struct, frozen=True):
    """``lock`` is None if there is none yet; then the versions of ``earlier`` are preferred.

    ``declared_in``: the file that declares the project, in messages. ``own_lock_path``: where the lock is, if not
    beside that file under its usual name. ``cache`` may know what has changed since the lock was made.
    """

    project: Project
    lock: Lock | None
    declared_in: str = FILE_NAME
    own_lock_path: Path | None = None
    earlier: Lock | None = None
    cache: Path | None = None

    @property
    def lock_path(self) -> Path:
        """Where the lock is, or will be."""
        return self.own_lock_path or self.project.root / LOCK_FILE

    @property
    def lock_name(self) -> str:
        """The lock in messages."""
        return "the cached lock" if self.has_cached_lock else self.lock_path.name

    @property
    def resolving_message(self) -> str:
        """Why the lock is made; one in the cache is not mentioned."""
        if self.has_cached_lock:
            return f"resolving {self.declared_in}"
        return f"{self.lock_name} is {'stale' if self.lock else 'missing'}: resolving"

    @property
    def has_cached_lock(self) -> bool:
        """Whether the lock is in the cache, with the environment, and nobody's file."""
        return self.lock_path.parent == self.project.own_home

    @property
    def previous(self) -> Lock | None:
        """The lock whose versions are preferred."""
        return self.lock or self.earlier

    @property
    def resolve_command(self) -> str:
        """The command that makes the lock."""
        return f"mvlock resolve --script {self.declared_in}" if self.project.is_script else "mvlock resolve"

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
        """The message for a stale lock."""
        if not self._is_outdated:
            return f"{self.lock_name} is stale, it was changed by hand: {self._mismatch}"
        known = self._changed
        changed = " and ".join(known) or " or ".join([self.declared_in, *self._sources])
        verb = "have" if len(known) > 1 else "has"
        return f"{self.lock_name} is stale: {changed} {verb} changed since it was made"

    @property
    def _sources(self) -> list[str]:
        """The places of its path sources, relative to the project."""
        sources = self.project.sources.values()
        return sorted({source.relative for source in sources if isinstance(source, PathSource)})

    @property
    def _changed(self) -> list[str]:
        """The file and the path sources that have changed; empty if only the digest, which has no parts, says so."""
        if self.cache is None or self.own_lock_path is not None:
            return []
        inner_first = sorted(self._sources, key=len, reverse=True)
        return sorted(
            {
                next((source for source in inner_first if f"{file}/".startswith(f"{source}/")), file)
                for file in changed_files(LockInputs.read(self.project.root, self.cache))
            }
        )

    @property
    def is_up_to_date(self) -> bool:
        """Whether a plain ``resolve`` has nothing to do: the lock is current, and for the project's environments."""
        if self.lock is None or self.is_stale:
            return False
        return self.lock.environments == tuple(sorted(str(marker) for marker in self.project.environments))

    def current_lock(self, *, frozen: bool | None = None) -> Lock:
        """The lock, if it may be used; a stale one only if ``frozen``. None: the command has no such option.

        :raises UnmetRequest: ``lock-missing``, ``lock-stale``
        """
        if self.lock is None:
            raise self._missing_lock()
        if not frozen and self.is_stale:
            instead = "" if frozen is None else ", or use `--frozen` to take the lock as it is"
            raise UnmetRequest("lock-stale", self.stale_message, hint=f"run `{self.resolve_command}`{instead}")
        return self.lock

    def _missing_lock(self) -> UnmetRequest:
        if self.has_cached_lock:
            text = f"there is no lock for {self.declared_in} yet"
            return UnmetRequest("lock-missing", text, hint="run it without `--locked` and `--frozen`")
        return missing_lock(self.lock_path, self.resolve_command)


def opened_project(project: Project, cache: Path, *, repair: bool = False) -> OpenedProject:
    """A project with its lock.

    ``repair``: a lock that has both sides of a merge conflict is read as the pins of both, and is stale.

    :raises LocalError: see ``read_lock``
    """
    path = project.root / LOCK_FILE
    try:
        return OpenedProject(project, read_lock_if_present(path, cache), cache=cache)
    except LocalError as error:
        merged = _read_both_sides(path) if repair and error.code == "lock-merge-conflict" else None
        if merged is None:
            raise
        return OpenedProject(project, merged)


def report_missing_folders(project: Project, reporter: Reporter) -> bool:
    """Whether a folder of the application's code is missing. That is reported, so the result is not recorded."""
    found = missing_folders(project)
    for text in found:
        reporter.note(text)
    return bool(found)


def read_lock_if_present(path: Path, cache: Path) -> Lock | None:
    """The lock at ``path``; None if there is no file.

    :raises LocalError: see ``read_lock``
    """
    return read_lock(path, cache) if path.exists() else None


def _read_both_sides(path: Path) -> Lock | None:
    from mvlock.lock.conflict import merged_lock

    return merged_lock(path.read_text(encoding="utf-8"))


def missing_lock(path: Path, command: str = "mvlock resolve") -> UnmetRequest:
    """The error for a lock that does not exist."""
    return UnmetRequest("lock-missing", f"there is no {path.name} in {path.parent}", hint=f"run `{command}`")
