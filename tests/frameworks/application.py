"""Applications of real libraries, made by the tool itself; kept between runs, with the tool's cache."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support.real import skip_without_index


@dataclass(frozen=True, slots=True)
class Application:
    """A project below ``root``, installed; skips the test where the index cannot be reached."""

    root: Path
    python: Path

    @staticmethod
    def made(folder: Path, name: str, dependencies: Iterable[str], files: Mapping[str, str]) -> Application:
        """The project ``name`` with ``files``, for the Python that runs the tests."""
        root = folder / name
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        head = f'[project]\nname = "{name}-app"\nversion = "1"\nrequires-python = "=={python}.*"\n'
        project = f"{head}dependencies = {json.dumps(list(dependencies))}\n"
        for path, text in {**files, "pyproject.toml": project}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, "utf-8")
        for command in ("resolve", "install"):
            options = ["--quiet", "--project", str(root), "--cache-dir", str(folder / "cache")]
            done = subprocess.run(
                [sys.executable, "-m", "mvlock", *options, command], capture_output=True, text=True, check=False
            )
            skip_without_index(done.returncode, done.stderr)
            assert done.returncode == 0, done.stderr
        return Application(root, root / "app" / "bin" / "python")

    def lines(self, *arguments: str, starting: str, count: int, seconds: float = 60) -> list[str]:
        """Start Python with ``arguments``, and end it and its children once they have printed so many such lines."""
        with tempfile.TemporaryFile("w+") as output:
            environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
            process = subprocess.Popen(
                [self.python, *arguments], cwd=self.root, stdout=output, stderr=subprocess.STDOUT,
                env=environment | {"PYTHONUNBUFFERED": "1"}, start_new_session=True,
            )  # fmt: skip
            end = time.monotonic() + seconds
            while len(_lines(output, starting)) < count and time.monotonic() < end and process.poll() is None:
                time.sleep(0.1)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            found = _lines(output, starting)
            assert len(found) >= count, _text(output)
        return found[:count]


def free_port() -> str:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _lines(output: IO[str], starting: str) -> list[str]:
    return [line for line in _text(output).splitlines() if line.startswith(starting)]


def _text(output: IO[str]) -> str:
    return os.pread(output.fileno(), 1 << 20, 0).decode(errors="replace")
