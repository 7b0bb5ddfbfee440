"""Projects with real libraries, installed by mvlock itself and kept, so that the next run is quick."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

import mvlock

_STAMP = "made-from"


class ToolError(Exception):
    """A command of mvlock failed: its name, its exit code, its standard error."""

    def __init__(self, command: str, exit_code: int, stderr: str) -> None:
        super().__init__(f"mvlock {command}: exit {exit_code}: {stderr}")
        self.command = command
        self.exit_code = exit_code
        self.stderr = stderr


@dataclass(frozen=True, slots=True)
class KeptProjects:
    """Projects below ``root`` for one interpreter.

    ``cache`` None: mvlock's default. ``link_mode`` None: likewise. ``no_build``: of indexes, wheels only.
    """

    root: Path
    python: Path
    version: str
    link_mode: str | None = None
    cache: Path | None = None
    no_build: bool = False

    @contextmanager
    def project(self, name: str) -> Iterator[KeptProject]:
        """The project ``name``, locked against other processes, without output of another version of mvlock."""
        folder = self.root / self.version / name
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            project = KeptProject(folder, self)
            project.remove_stale_output()
            yield project

    @property
    def stamp(self) -> str:
        """A digest of what installed trees depend on and mvlock does not check: its own code, the link mode."""
        digest = hashlib.sha256(f"{self.python}\0{self.link_mode}".encode())
        for path in sorted(Path(mvlock.__file__).parent.rglob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class KeptProject:
    """A project in ``folder``; ``seconds`` gets how long each command of mvlock took."""

    folder: Path
    projects: KeptProjects
    seconds: dict[str, float] = field(default_factory=dict)

    def write(self, files: Mapping[str, str]) -> None:
        """Write the files of the project that are not generated: text by path."""
        for path, text in files.items():
            _write(self.folder / path, text)

    def make(self) -> None:
        """Resolve and install.

        :raises ToolError: a command failed
        """
        mode = self.projects.link_mode
        self._mvlock("resolve", "--only-host")
        self._mvlock("install", *(["--link-mode", mode] if mode else []))

    @property
    def application(self) -> Path:
        """The interpreter of the application."""
        return self.folder / "app" / _bin() / "python"

    def tree(self, name: str) -> Path:
        """The interpreter of one tree, an ordinary virtual environment without importshim."""
        return self.folder / "py_modules" / name / _bin() / "python"

    def remove_stale_output(self) -> None:
        """Remove the trees and the lock if mvlock's code, or the Python, was another one."""
        stamp = self.folder / _STAMP
        if stamp.exists() and stamp.read_text("utf-8") == self.projects.stamp:
            return
        for folder in ("py_modules", "app"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        (self.folder / "mv.lock").unlink(missing_ok=True)
        _write(stamp, self.projects.stamp)

    def _mvlock(self, command: str, *options: str) -> None:
        cache = self.projects.cache
        common = ["--project", str(self.folder), "--no-progress", *(["--cache-dir", str(cache)] if cache else [])]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "mvlock", *common, command, *options, "--python", str(self.projects.python)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.seconds[command] = round(time.perf_counter() - start, 2)
        if done.returncode:
            raise ToolError(command, done.returncode, done.stderr.strip())


def clean_environment() -> Mapping[str, str]:
    """The variables of this process without those that change what Python does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _write(path: Path, text: str) -> None:
    """Write a file unless it has this text already: it keeps its time then."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _bin() -> str:
    return "Scripts" if sys.platform == "win32" else "bin"
