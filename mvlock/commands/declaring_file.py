"""The file that declares requirements, while it is edited: pyproject.toml, or a script with a block (PEP 723)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from mvlock.commands.cached_environments import declared_script, script_environment
from mvlock.operations.opened_project import OpenedProject
from mvlock.project.document import read_text
from mvlock.project.load import load_project, load_script
from mvlock.project.location import FILE_NAME
from mvlock.project.model import Project


class DeclaringFile(Protocol):
    """A file at ``path`` with TOML in it, which is edited as text."""

    path: Path
    toml: str
    is_script: bool

    def project(self, toml: str) -> Project:
        """The project that ``toml`` declares."""

    def content(self, toml: str) -> bytes:
        """The whole file with this TOML."""

    def lock_path(self, toml: str) -> Path:
        """Where the lock for this TOML is, or will be; its folder exists."""


class ManifestFile:
    """pyproject.toml."""

    is_script = False

    def __init__(self, opened: OpenedProject) -> None:
        self._opened = opened
        self.path = opened.project.root / FILE_NAME
        self.toml = read_text(self.path)

    def project(self, toml: str) -> Project:
        """See ``DeclaringFile``."""
        return load_project(self._opened.project.root, text=toml)

    def content(self, toml: str) -> bytes:
        """See ``DeclaringFile``."""
        return toml.encode()

    def lock_path(self, toml: str) -> Path:
        """See ``DeclaringFile``."""
        return self._opened.lock_path


class ScriptFile:
    """A script: its lock is beside it if there is one already, else in the cache."""

    is_script = True

    def __init__(self, path: Path, cache: Path) -> None:
        """:raises LocalError: see ``declared_script``."""
        self._script = declared_script(path)
        self._cache = cache
        self.opened = script_environment(cache, self._script).open(cache)
        self.path = self._script.path
        self.toml = self._script.block or ""

    def project(self, toml: str) -> Project:
        """See ``DeclaringFile``."""
        return load_script(self._script.with_block(toml))

    def content(self, toml: str) -> bytes:
        """See ``DeclaringFile``."""
        return self._script.with_block(toml).content

    def lock_path(self, toml: str) -> Path:
        """See ``DeclaringFile``."""
        environment = script_environment(self._cache, self._script.with_block(toml))
        environment.create()
        return environment.lock
