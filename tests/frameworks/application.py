"""Applications with real libraries, installed by mvlock itself; kept between runs, with mvlock's cache."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.real import skip_without_index

_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A process of an application, and what it and its children have written so far."""

    process: subprocess.Popen[bytes]
    output: IO[str]

    def text(self) -> str:
        """All of it."""
        return os.pread(self.output.fileno(), 1 << 20, 0).decode(errors="replace")

    def lines(self, starting: str, count: int, seconds: float = _TIMEOUT) -> list[str]:
        """The first ``count`` lines that start so, as soon as they are there."""

        def found() -> list[str]:
            return [line for line in self.text().splitlines() if line.startswith(starting)]

        assert self.becomes_true(lambda: len(found()) >= count, seconds), self.text()
        return found()[:count]

    def becomes_true(self, is_ready: Callable[[], bool], seconds: float = _TIMEOUT) -> bool:
        """Whether a condition becomes true while the process runs."""
        end = time.monotonic() + seconds
        while not is_ready():
            if time.monotonic() > end or self.process.poll() is not None:
                return is_ready()
            time.sleep(0.1)
        return True


@dataclass(frozen=True, slots=True)
class Application:
    """A project in the folder ``root``, installed; skips the test where the index cannot be reached."""

    root: Path

    @staticmethod
    def made(
        folder: Path, name: str, dependencies: Iterable[str], files: Mapping[str, str], settings: str = ""
    ) -> Application:
        """The project ``name`` with ``files``, for the Python that runs the tests; ``settings`` end its pyproject."""
        root = folder / name
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        head = f'[project]\nname = "{name}-app"\nversion = "1"\nrequires-python = "=={python}.*"\n'
        project = f"{head}dependencies = {json.dumps(list(dependencies))}\n{settings}"
        for path, text in {**files, "pyproject.toml": project}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        for command in (["resolve", "--only-host"], ["install"]):
            options = ["--quiet", "--project", str(root), "--cache-dir", str(folder / "cache")]
            done = subprocess.run(
                [sys.executable, "-m", "mvlock", *options, *command], capture_output=True, text=True, check=False
            )
            skip_without_index(done.returncode, done.stderr)
            assert done.returncode == 0, done.stderr
        return Application(root)

    def run(self, command: str, *arguments: str, **variables: str) -> str:
        """What ``app/bin/command`` prints; it must end well."""
        done = subprocess.run(
            [self._place(command), *arguments], cwd=self.root, env=_environment(variables),
            capture_output=True, text=True, timeout=_TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def running(self, command: str, *arguments: str, **variables: str) -> Iterator[Running]:
        """Start ``app/bin/command``; it is killed with its children at the end."""
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                [self._place(command), *arguments], cwd=self.root, env=_environment(variables),
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                yield Running(process, output)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _place(self, command: str) -> Path:
        return self.root / "app" / "bin" / command


def free_port() -> str:
    """A port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    usual = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST", "COV"))}
    return {**usual, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **variables}
