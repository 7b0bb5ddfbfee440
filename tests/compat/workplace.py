"""Where pairs become projects, made by the tool itself, and stay, so that another run is quick."""

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
from tests.compat.pairs import Pair, Side
from tests.support.release import Release, write_source

_APPLICATION = Path(__file__).with_name("application.py")
_SIDES: tuple[Side, ...] = ("old", "new")
_STAMP = "made-from"

_PROBE = '''"""What shows that the {side} version is the one that this distribution asked for."""

_SMOKES = {smokes!r}


def smoke(mode):
    """Run the code as this module's: in a copy of its globals, so that every run begins afresh."""
    fresh = {{name: value for name, value in globals().items() if name not in ("smoke", "_SMOKES")}}
    exec(compile(_SMOKES.get(mode, _SMOKES[""]), "<smoke of probe_{side}>", "exec"), fresh)
'''


def probe_text(pair: Pair, side: Side) -> str:
    """The module ``probe_old`` or ``probe_new``."""
    return _PROBE.format(side=side, smokes=pair.smokes)


class ToolError(Exception):
    """A command of the tool failed: its name, its exit code, what it said."""

    def __init__(self, command: str, exit_code: int, said: str) -> None:
        super().__init__(f"mvlock {command}: exit {exit_code}: {said}")
        self.command = command
        self.exit_code = exit_code
        self.said = said


@dataclass(frozen=True, slots=True)
class Workplace:
    """Projects of pairs below ``root`` for one interpreter.

    ``cache`` None: the tool's own choice. ``link_mode`` None: likewise. ``no_build``: of indexes, wheels only.
    """

    root: Path
    python: Path
    version: str
    link_mode: str | None = None
    cache: Path | None = None
    no_build: bool = False

    @contextmanager
    def project(self, pair: Pair) -> Iterator[PairProject]:
        """The project of ``pair``, written, but neither resolved nor installed; nobody else is at work in it."""
        folder = self.root / self.version / pair.name
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            project = PairProject(folder, pair, self)
            project.write()
            yield project

    @property
    def stamp(self) -> str:
        """What finished trees depend on and the tool does not look at itself: its own code, the link mode."""
        digest = hashlib.sha256(f"{self.python}\0{self.link_mode}".encode())
        for path in sorted(Path(mvlock.__file__).parent.rglob("*.py")):
            digest.update(path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class PairProject:
    """One pair's project in ``folder``; ``seconds`` gets how long each command of the tool took."""

    folder: Path
    pair: Pair
    workplace: Workplace
    seconds: dict[str, float] = field(default_factory=dict)

    def write(self) -> None:
        """Write what people would write: pyproject.toml, the application, the two local libraries."""
        self._forget_what_another_tool_made()
        for path, text in self._files().items():
            _write(self.folder / path, text)
        for side in _SIDES:
            write_source(self.folder / "sources" / side, self._probe(side))

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

    def tree(self, side: Side) -> Path:
        """The interpreter of one version's own tree, where nothing is routed."""
        return self.folder / "py_modules" / f"probe_{side}" / _bin() / "python"

    def _forget_what_another_tool_made(self) -> None:
        stamp = self.folder / _STAMP
        if stamp.exists() and stamp.read_text("utf-8") == self.workplace.stamp:
            return
        for made in ("py_modules", "app"):
            shutil.rmtree(self.folder / made, ignore_errors=True)
        (self.folder / "mv.lock").unlink(missing_ok=True)
        _write(stamp, self.workplace.stamp)

    def _files(self) -> dict[str, str]:
        pyproject = (
            f'[project]\nname = "compat-{self.pair.name}"\nversion = "1.0"\n'
            f'requires-python = "=={self.workplace.version}.*"\ndependencies = ["probe-old", "probe-new"]\n\n'
            f"[tool.mvlock]\nno-build = {str(self.workplace.no_build).lower()}\n"
            '[tool.mvlock.sources]\nprobe-old = { path = "sources/old" }\nprobe-new = { path = "sources/new" }\n'
        )
        return {"pyproject.toml": pyproject, "main.py": _APPLICATION.read_text("utf-8")}

    def _probe(self, side: Side) -> Release:
        text = probe_text(self.pair, side)
        requires = self.pair.requirements(side)
        return Release(f"probe-{side}", "1.0", requires=requires, files={f"probe_{side}.py": text})

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
        path.write_text(text, "utf-8")


def _bin() -> str:
    return "Scripts" if sys.platform == "win32" else "bin"
