"""Environments that lie in the cache: of scripts, and of runs with requirements that no file names.

Each is in a folder by its subject (a script, a project) and, in that, by what it is made from::

    environments-1/SUBJECT/subject       the path of the script; absent for anything else
                          /CONTENT/      mv.lock, py_modules, app

So a changed block gets a new environment while the old one may still run, and going back to an earlier block starts at
once. Few imports: a second run takes no longer than to see that the environment of the first is unchanged.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mvlock.base.freshness import content_hash
from mvlock.commands.install import install_choices, install_inputs
from mvlock.errors import LocalError, MvlockError
from mvlock.install.up_to_date import InstallInputs, hashes_of
from mvlock.project.location import FILE_NAME
from mvlock.project.script import Script, read_script

if TYPE_CHECKING:
    from argparse import Namespace

    from mvlock.commands.options import Context
    from mvlock.operations.opened_project import OpenedProject
    from mvlock.project.model import Project

_FOLDER, _SUBJECT, _LOCK = "environments-1", "subject", "mv.lock"


class CachedEnvironment(NamedTuple):
    """An environment in the folder ``home``, of a project in ``root`` that ``load`` reads.

    ``declared_in``: what declares its requirements, in messages. ``preferred``: a lock whose versions are preferred if
    ``lock`` does not exist; None: the newest one of the same subject. ``script``: the script that needs it.
    """

    root: Path
    home: Path
    lock: Path
    declared_in: str
    load: Callable[[], Project]
    preferred: Path | None = None
    script: Path | None = None

    def inputs(self, options: str) -> InstallInputs:
        """What determines its content, as it is now."""
        return InstallInputs(self.root, self.home, options, hashes_of(self.root, self.lock))

    def open(self, cache: Path) -> OpenedProject:
        """Its project and lock.

        :raises LocalError: see ``load_project`` and ``read_lock``
        """
        from msgspec.structs import replace

        from mvlock.operations.opened_project import OpenedProject, read_lock_if_present

        project = replace(self.load(), own_home=self.home)
        lock, earlier = read_lock_if_present(self.lock, cache), None
        with suppress(MvlockError, OSError):
            earlier = read_lock_if_present(self.preferred or self._newest_lock(), cache)
        return OpenedProject(project, lock, self.declared_in, self.lock, earlier)

    def create(self) -> None:
        """Create the folder; it is kept as long as its script needs it."""
        from mvlock.base import atomic

        self.home.mkdir(parents=True, exist_ok=True)
        if self.script is not None:
            atomic.update(self.home.parent / _SUBJECT, os.fsencode(self.script))

    def _newest_lock(self) -> Path:
        locks = self.home.parent.glob(f"*/{_LOCK}")
        return max(locks, key=lambda path: path.stat().st_mtime_ns, default=self.lock)


def inputs_of(environment: CachedEnvironment | None, arguments: Namespace, context: Context) -> InstallInputs | None:
    """The inputs of the requested install, in an environment or (None) in the project's own."""
    if environment is None:
        return install_inputs(arguments, context)
    return environment.inputs(install_choices(arguments))


def keep_folder(folder: Path) -> None:
    """Make a folder in the cache, unless there is one."""
    folder.mkdir(exist_ok=True)


def script_environment(cache: Path, script: Script, more: tuple[str, ...] = ()) -> CachedEnvironment:
    """The environment of a script, with the requirements of its block and ``more``."""
    home = _home(cache, script.path, script.block, *more)
    beside = script.lock_path if script.lock_path.exists() else None
    return CachedEnvironment(
        root=script.path.parent,
        home=home,
        lock=beside if beside is not None and not more else home / _LOCK,
        declared_in=script.path.name,
        load=lambda: _load_script(script, more),
        preferred=beside,
        script=script.path,
    )


def declared_script(path: Path) -> Script:
    """The script at ``path``, which has a block.

    :raises LocalError: ``file-unreadable``, ``script-invalid``
    """
    script = read_script(path)
    if script.block is None:
        text = f"{path.name} has no `# /// script` block"
        raise LocalError("script-invalid", text, hint=f"`mvlock init --script {path}` adds one")
    return script


def open_script(path: Path, cache: Path) -> OpenedProject:
    """The project of the script at ``path``, with the lock beside it.

    :raises LocalError: see ``declared_script``, ``load_script`` and ``read_lock``
    """
    script = declared_script(path)
    return script_environment(cache, script)._replace(lock=script.lock_path).open(cache)


def project_environment(cache: Path, root: Path, more: tuple[str, ...]) -> CachedEnvironment:
    """The environment of a project with more requirements, as it is now."""
    lock = root / _LOCK
    home = _home(cache, root.resolve(), content_hash(root / FILE_NAME), content_hash(lock), *more)
    preferred = lock if lock.exists() else None
    return CachedEnvironment(root, home, home / _LOCK, FILE_NAME, lambda: _load_project(root, more), preferred)


def bare_environment(cache: Path, requirements: tuple[str, ...]) -> CachedEnvironment:
    """An environment with these requirements and nothing else."""
    home = _home(cache, None, *requirements)
    script = Script(home / "--with", "", None)
    return CachedEnvironment(home, home, home / _LOCK, "--with", lambda: _load_script(script, requirements))


def unused_environments(cache: Path) -> Iterator[Path]:
    """Those that no script needs as it is now."""
    for subject in sorted((cache / _FOLDER).glob("*")):
        needed = _needed(cache, subject)
        if needed is None:
            yield subject
        else:
            yield from sorted(folder for folder in subject.iterdir() if folder.is_dir() and folder != needed)


def _needed(cache: Path, subject: Path) -> Path | None:
    with suppress(OSError, MvlockError):
        script = read_script(Path(os.fsdecode((subject / _SUBJECT).read_bytes())))
        return script_environment(cache, script).home if script.block is not None else None
    return None


def _home(cache: Path, subject: Path | None, *contents: str | None) -> Path:
    return cache / _FOLDER / _hash(os.fsencode(subject or "")) / _hash(json.dumps(contents).encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _load_script(script: Script, more: tuple[str, ...]) -> Project:
    from mvlock.project.load import load_script

    return load_script(script, more=more)


def _load_project(root: Path, more: tuple[str, ...]) -> Project:
    from mvlock.project.load import load_project

    return load_project(root, more=more)
