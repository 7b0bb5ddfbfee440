"""``add`` and ``remove``: an edit of pyproject.toml and the matching lock, both or neither.

The edit is checked and resolved in memory. The two files are written only once there is a lock for it, each by
rename.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.changes import lock_changes
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locking import make_lock
from mvlock.commands.manifest import Manifest, Section
from mvlock.commands.options import Context, option_values
from mvlock.commands.resolving import show_changes
from mvlock.commands.workspace import Workspace, open_workspace
from mvlock.lock.lockfile import format_lock, write_lock
from mvlock.lock.model import Lock
from mvlock.project.document import read_text
from mvlock.project.load import load_project
from mvlock.project.location import FILE_NAME


class Edit:
    """An edit in progress. ``lock`` belongs to the text that was resolved last."""

    def __init__(self, arguments: Namespace, context: Context) -> None:
        self.workspace: Workspace = open_workspace(context.options)
        self.section = Section(arguments.group, arguments.extra)
        self._shell = context
        self._path = self.workspace.project.root / FILE_NAME
        self._old = read_text(self._path)
        self.manifest = Manifest(self._old)
        self._request = lock_request(option_values(arguments))
        self.lock: Lock | None = self.workspace.lock
        self._messages: list[str] = []

    def resolve(self) -> Lock:
        """Resolve the edited text; nothing is written yet.

        :raises MvlockError: the edit is invalid, or has no resolution
        """
        project = load_project(self.workspace.project.root, text=self.manifest.text)
        self.lock = make_lock(project, self.lock, self._request, self._shell)
        return self.lock

    def add_message(self, text: str) -> None:
        """Keep a message until the edit is done."""
        self._messages.append(text)

    def finish(self) -> None:
        """Write both files and report what changed. If the lock cannot be written, the edit is undone."""
        lock = self.resolve()
        old = self.workspace.lock
        changed = old is None or format_lock(old) != format_lock(lock)
        if self.manifest.text != self._old:
            replace_text(self._path, self.manifest.text)
        try:
            write_lock(self.workspace.lock_path, lock)
        except BaseException:
            replace_text(self._path, self._old)
            raise
        for text in self._messages:
            self._shell.console.info(text)
        show_changes(lock, lock_changes(old, lock), changed, self._shell)


def replace_text(path: Path, text: str) -> None:
    """Write a file by rename, atomically; it keeps its permissions."""
    target = path.resolve()
    atomic.write(target, text.encode("utf-8"), mode=target.stat().st_mode & 0o777)
