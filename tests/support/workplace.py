"""Where real libraries become projects, made by the tool itself, and stay, so that another run is quick."""

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
    """A command of the tool failed: its name, its exit code, what it said."""

    def __init__(self, command: str, exit_code: int, said: str) -> None:
        super().__init__(f"mvlock {command}: exit {exit_code}: {said}")
        self.command = command
        self.exit_code = exit_code
        self.said = said


@dataclass(frozen=True, slots=True)
class Workplace:
    """Projects below ``root`` for one interpreter.

    ``cache`` None: the tool's own choice. ``link_mode`` None: likewise. ``no_build``: of indexes, wheels only.
    """

    root: Path
    python: Path
    version: str
    link_mode: str | None = None
    cache: Path | None = None
    no_build: bool = False

    @contextmanager
    def project(self, name: str) -> Iterator[WorkProject]:
        """The project ``name``, while nobody else is at work in it; nothing in it that another tool has made."""
        folder = self.root / self.version / name
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            project = WorkProject(folder, self)
            project.forget_what_another_tool_made()
            yield project

    @property
    def stamp(self) -> str:
        """What finished trees depend on and the tool does not look at itself: its own code, the link mode."""
        digest = hashlib.sha256(f"{self.python}\0{self.link_mode}".encode())
        for path in sorted(Path(mvlock.__file__).parent.rglob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class WorkProject:
    """A project in ``folder``; ``seconds`` gets how long each command of the tool took."""

    folder: Path
    workplace: Workplace
    seconds: dict[str, float] = field(default_factory=dict)

    def write(self, files: Mapping[str, str]) -> None:
        """Write what people would write: text, by path."""
        for path, text in files.items():
            _write(self.folder / path, text)

    def make(self) -> None:
        """Resolve and install.

        :raises ToolError: the tool said no
        """
        mode = self.workplace.link_mode
        self._mvlock("resolve", "--only-host")
        self._mvlock("install", *(["--link-mode", mode] if mode else []))

    @property
    def application(self) -> Path:
        """The interpreter of the application."""
        return self.folder / "app" / _bin() / "python"

    def tree(self, name: str) -> Path:
        """The interpreter of one tree, where nothing is routed: that of an ordinary virtual environment."""
        return self.folder / "py_modules" / name / _bin() / "python"

    def forget_what_another_tool_made(self) -> None:
        """Remove the trees and the lock of a tool with other code, or for another Python."""
        stamp = self.folder / _STAMP
        if stamp.exists() and stamp.read_text("utf-8") == self.workplace.stamp:
            return
        for made in ("py_modules", "app"):
            shutil.rmtree(self.folder / made, ignore_errors=True)
        (self.folder / "mv.lock").unlink(missing_ok=True)
        _write(stamp, self.workplace.stamp)

    def _mvlock(self, command: str, *options: str) -> None:
        cache = self.workplace.cache
        where = ["--project", str(self.folder), "--no-progress", *(["--cache-dir", str(cache)] if cache else [])]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "mvlock", *where, command, *options, "--python", str(self.workplace.python)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.seconds[command] = round(time.perf_counter() - start, 2)
        if done.returncode:
            raise ToolError(command, done.returncode, done.stderr.strip())


def clean_environment() -> Mapping[str, str]:
    """The variables of this process without those that change what Python does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def _write(path: Path, text: str) -> None:
    """Write what is not there yet: a file that stays the same keeps its time."""
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _bin() -> str:
    return "Scripts" if sys.platform == "win32" else "bin"
