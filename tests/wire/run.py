"""Starts the programs of the projects, each in a separate process, with a time limit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.kept_projects import clean_environment
from tests.wire.cells import FUNCTION_WAYS, Origin

_GRACE = 15


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs in ``folder``, run by ``python``; ``limit`` is the time limit of a process, in seconds."""

    folder: Path
    python: Path
    limit: float

    def send(self, origin: Origin, kind: str, ways: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The results of sending an object of ``kind`` in each of the ``ways``."""
        report = self._run("main.py", origin.maker, origin.sender, kind, *ways)
        found = {line["way"]: line for line in report.lines}
        return {way: found.get(way, {"error": report.end, "log": report.output}) for way in ways}

    def send_functions(self) -> Iterator[dict[str, Any]]:
        """The results of sending each function in each way, as far as the program got."""
        for way in FUNCTION_WAYS:
            report = self._run("functions.py", way)
            yield from report.lines
            if report.end:
                yield {"way": way, "case": "", "wanted": [], "error": report.end, "log": report.output}

    def _run(self, program: str, *arguments: str) -> _Report:
        report = self.folder / "report.jsonl"
        report.unlink(missing_ok=True)
        try:
            done = subprocess.run(
                [str(self.python), program, report.name, str(self.limit), *arguments],
                cwd=self.folder, env=clean_environment(), timeout=self.limit + _GRACE,
                capture_output=True, text=True, errors="replace", check=False,
            )  # fmt: skip
            output, end = done.stdout + done.stderr, f"exit code {done.returncode}" if done.returncode else ""
        except subprocess.TimeoutExpired as error:
            output, end = str(error.stderr or ""), f"did not end within {self.limit:g} s"
        lines = report.read_text("utf-8").splitlines() if report.exists() else []
        return _Report([json.loads(line) for line in lines], end, output[-4000:])


@dataclass(frozen=True, slots=True)
class _Report:
    """The lines of a program's report; ``end``: how it failed, if it did; ``output``: the end of its output."""

    lines: list[dict[str, Any]]
    end: str
    output: str
