"""``add`` and ``remove``: an edit of pyproject.toml and the matching lock, both or neither.

The edit is checked and resolved in memory. The two files are written only once there is a lock for it, each by
rename.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.cached_environments import open_script
from mvlock.commands.changes import lock_changes
from mvlock.commands.declaring_file import DeclaringFile, ManifestFile, ScriptFile
from mvlock.commands.lock_request import lock_request
from mvlock.commands.locking import make_lock
from mvlock.commands.manifest import Manifest, Section
from mvlock.commands.options import Context, option_values
from mvlock.commands.resolving import show_changes
from mvlock.commands.workspace import Workspace, open_workspace
from mvlock.errors import LocalError
from mvlock.lock.lockfile import format_lock, write_lock
from mvlock.lock.model import Lock


class Edit:
    """An edit in progress. ``lock`` belongs to the text that was resolved last."""

    def __init__(self, arguments: Namespace, context: Context) -> None:
        self.workspace, self._file = _opened(arguments, context)
        self.section = Section(arguments.group, arguments.extra, self._file.main.is_script)
        self._shell = context
        self.manifest = Manifest(self._file.toml, self._file.main)
        self._request = lock_request(option_values(arguments))
        self.lock: Lock | None = self.workspace.previous
        self._messages: list[str] = []

    def resolve(self) -> Lock:
        """Resolve the edited text; nothing is written yet.

        :raises MvlockError: the edit is invalid, or has no resolution
        """
        project = self._file.project(self.manifest.text)
        self.lock = make_lock(project, self.lock, self._request, self._shell)
        return self.lock

    def add_message(self, text: str) -> None:
        """Keep a message until the edit is done."""
        self._messages.append(text)

    def finish(self) -> None:
        """Write both files and report what changed. If the lock cannot be written, the edit is undone."""
        lock = self.resolve()
        old, path = self.workspace.previous, self._file.lock_path(self.manifest.text)
        changed = old is None or format_lock(old) != format_lock(lock)
        if self.manifest.text != self._file.toml:
            self._write(self.manifest.text)
        try:
            write_lock(path, lock)
        except BaseException:
            self._write(self._file.toml)
            raise
        for text in self._messages:
            self._shell.console.info(text)
        name = path.name if path.parent == self._file.path.parent else "the cache"
        show_changes(name, lock, lock_changes(old, lock), changed, self._shell)

    def _write(self, toml: str) -> None:
        """Write the file by rename, atomically; it keeps its permissions."""
        target = self._file.path.resolve()
        atomic.write(target, self._file.content(toml), mode=target.stat().st_mode & 0o777)


def _opened(arguments: Namespace, context: Context) -> tuple[Workspace, DeclaringFile]:
    if arguments.script is None:
        workspace = open_workspace(context.options)
        return workspace, ManifestFile(workspace)
    if arguments.group is not None or arguments.extra is not None:
        raise LocalError("usage", "--script: a script has no groups and no optional dependencies")
    path, cache = Path(arguments.script), context.options.cache
    return open_script(path, cache), ScriptFile(path, cache)
