"""``add`` and ``remove``: an edit of pyproject.toml, the matching lock and the install of both: all of it or nothing.

The edit is checked and resolved in memory. Only once there is a lock for it the two files are written, each by rename,
and installed; if that fails, they are as before. Nobody else changes the project meanwhile.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from mvlock.base import atomic
from mvlock.commands.changes import lock_changes
from mvlock.commands.declaring_file import DeclaringFile, ManifestFile, ScriptFile
from mvlock.commands.install import install_inputs
from mvlock.commands.install_report import report_undeclared, show_installed, show_plan
from mvlock.commands.installing import install_request, record
from mvlock.commands.lock_request import lock_request
from mvlock.commands.manifest import Manifest, Section
from mvlock.commands.member_settings import note_settings_of_sources
from mvlock.commands.member_users import note_users
from mvlock.commands.option_groups import SELECTION
from mvlock.commands.options import Context, changed_folder, option_values
from mvlock.commands.resolving import is_same_text, show_changes, show_dry_run
from mvlock.errors import LocalError, MvlockError
from mvlock.install.generated_folders import check_application_folder
from mvlock.install.options import InstallReport
from mvlock.lock.lockfile import write_lock
from mvlock.lock.model import Lock
from mvlock.lock.preferred import remove_preferred
from mvlock.lock.restated import restated
from mvlock.operations.installing import install
from mvlock.operations.lock_request import LockRequest
from mvlock.operations.locking import make_lock
from mvlock.operations.opened_project import LOCK_FILE, OpenedProject, opened_project
from mvlock.operations.policy import check_policy
from mvlock.operations.project_lock import locked_project
from mvlock.project.load import load_project
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project

_UNCHANGED = f"{FILE_NAME} and {LOCK_FILE} are unchanged; `--no-install` changes them without installing"


@contextmanager
def open_edit(arguments: Namespace, context: Context) -> Iterator[Edit]:
    """An edit, which is finished at the end of the block unless that raises."""
    folder, machine = changed_folder(arguments, context), context.machine
    with nullcontext() if arguments.dry_run else locked_project(folder, machine):
        edit = Edit(arguments, context)
        yield edit
        edit.finish()


class Edit:
    """An edit in progress. ``project`` belongs to the text that was resolved last."""

    def __init__(self, arguments: Namespace, context: Context) -> None:
        self.opened, self._file = _opened(arguments, context)
        is_script = self._file.is_script
        self.section = Section(arguments.group, arguments.extra, arguments.alias, arguments.tree, is_script)
        self.request: LockRequest = lock_request(option_values(arguments))
        self.project: Project = self.opened.project
        self._options = option_values(_install_arguments(arguments))
        self._context = context
        if self._installs:
            check_application_folder(self.project)
        self.manifest = Manifest(self._file.toml, is_script=is_script)
        self._lock: Lock | None = self.opened.previous
        self._resolved: str | None = None
        self._messages: list[str] = []

    def resolve(self) -> Lock:
        """Resolve the edited text, unless that was done; nothing is written yet.

        :raises MvlockError: the edit is invalid, or has no resolution
        """
        text = self.manifest.text
        if self._lock is None or text != self._resolved:
            self._load(text)
            self._lock = make_lock(self.project, self._lock, self.request, self._context.machine)
        return self._lock

    def restate(self, lock: Lock, changed: Mapping[str, str]) -> None:
        """Take ``lock`` for the requirements that were edited since it was made: ``changed`` as in ``restated``."""
        self._load(self.manifest.text)
        self._lock = restated(lock, self.project, changed)

    def add_message(self, text: str) -> None:
        """Keep a message until the edit is done."""
        self._messages.append(text)

    def finish(self) -> None:
        """Install the result, write both files and report what changed; in a dry run, show what that would be.

        :raises MvlockError: the edit is invalid, has no resolution, or cannot be installed; nothing was changed
        """
        lock = self.resolve()
        check_policy(self.project, lock, self.request, self._context.machine, before=self.opened.lock)
        if self._options.arguments.dry_run:
            self._show_dry_run(lock, self._install(lock))
            return
        time = self._context.console.lap()
        with self._written(lock):
            report = self._install(lock)
        remove_preferred(self.project)
        self._show(lock, report, time)
        note_settings_of_sources(self.project, self._context)
        note_users(self.project, self.section.alias, self._context)

    def _load(self, text: str) -> None:
        self.project = self._file.project(text)
        self._resolved = text

    @contextmanager
    def _written(self, lock: Lock) -> Iterator[None]:
        """Both files as edited; if the block fails, they get their old content back."""
        lock_path = self._file.lock_path(self.manifest.text)
        old_lock = lock_path.read_bytes() if lock_path.exists() else None
        try:
            replace_file(self._file.path, self._file.content(self.manifest.text))
            write_lock(lock_path, lock)
            yield
        except BaseException:
            replace_file(self._file.path, self._file.content(self._file.toml))
            if old_lock is None:
                lock_path.unlink(missing_ok=True)
            else:
                atomic.update(lock_path, old_lock)
            raise

    @property
    def _installs(self) -> bool:
        return not self._options.flag("no_install") and not self._file.is_script

    def _install(self, lock: Lock) -> InstallReport | None:
        """Install the lock; None if that is not wanted, or it is a script's, which is installed when it runs."""
        options = self._options
        if not self._installs:
            return None
        try:
            return install(self.project, lock, install_request(options, self.project, lock), self._context.machine)
        except MvlockError as error:
            error.message += f"\n{_UNCHANGED}"
            raise

    def _show(self, lock: Lock, report: InstallReport | None, time: str) -> None:
        """``time``: what locking took."""
        old, console = self.opened.previous, self._context.console
        for text in self._messages:
            console.info(text)
        changed = not is_same_text(lock, old)
        show_changes(self.opened.lock_name, lock, lock_changes(old, lock), changed, self._context, time=time)
        if report is not None:
            record(self.project, install_inputs(self._options.arguments, self._context), report)
            for line in report.plan.lines():
                console.detail(line)
            show_installed(report, self._context)
            report_undeclared(self.project, lock, report, self._context)

    def _show_dry_run(self, lock: Lock, report: InstallReport | None) -> None:
        old = self.opened.previous
        for line in _difference(self._file.toml, self.manifest.text, self._file.path.name):
            self._context.console.data(line)
        show_dry_run(self.opened.lock_name, lock_changes(old, lock), not is_same_text(lock, old), self._context)
        if report is not None:
            show_plan(report, self._context)
        self._context.console.info("Nothing was changed (--dry-run)")


def _opened(arguments: Namespace, context: Context) -> tuple[OpenedProject, DeclaringFile]:
    if arguments.script is None:
        project = load_project(context.options.root, before_edit=True)
        opened = opened_project(project, context.options.cache)
        return opened, ManifestFile(opened)
    if arguments.group is not None or arguments.extra is not None:
        raise LocalError("usage", "--script: a script has no groups and no optional dependencies")
    file = ScriptFile(Path(arguments.script), context.options.cache)
    return file.opened, file


def _install_arguments(arguments: Namespace) -> Namespace:
    """The arguments of the install that follows: with the group or extra that is edited, as it would not be else."""
    groups, extras = ([name] if name is not None else [] for name in (arguments.group, arguments.extra))
    return Namespace(**{**vars(arguments), **SELECTION, "group": groups, "extra": extras})


def _difference(old: str, new: str, name: str) -> Iterator[str]:
    """The changed lines, as ``diff -u`` shows them."""
    from difflib import unified_diff

    return unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="", n=1)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file by rename, atomically, if its content differs; it keeps its permissions."""
    target = path.resolve()
    atomic.update(target, content, mode=target.stat().st_mode & 0o777)
