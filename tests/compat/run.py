"""One mode of one pair: the application in a separate process, with a time limit."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.compat.pairs import Mode, Side
from tests.compat.projects import PairProject
from tests.support.kept_projects import clean_environment

_ORDERS: dict[Mode, str] = {
    "old-new": "old,new",
    "new-old": "new,old",
    "interleaved": "old,new,old,new",
    "threads": "threads:old,new,old,new",
}
_GRACE = 15


@dataclass(frozen=True, slots=True)
class SmokeRun:
    """One run of one version's smoke test: what it printed, or its traceback in ``error``."""

    side: Side
    stdout: str
    error: str


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """The result of one process. ``failure`` is "" if it succeeded; ``runs`` are empty if it wrote no report."""

    runs: tuple[SmokeRun, ...]
    failure: str
    stderr: str
    seconds: float


def run_mode(project: PairProject, mode: Mode, limit: float) -> ProcessEnd:
    """Both versions in one process of the application."""
    return _run(project, project.kept.application, _ORDERS[mode], limit)


def run_single(project: PairProject, side: Side, mode: Mode, limit: float) -> ProcessEnd:
    """One version in its tree's interpreter, without importshim, as often as ``mode`` runs both."""
    order = _ORDERS[mode].replace("old", side).replace("new", side)
    return _run(project, project.tree(side), order, limit)


def _run(project: PairProject, python: Path, order: str, limit: float) -> ProcessEnd:
    report = project.kept.folder / "report.json"
    report.unlink(missing_ok=True)
    start = time.perf_counter()
    failure, stderr = _start([str(python), "main.py", order, report.name, str(limit)], project.kept.folder, limit)
    seconds = round(time.perf_counter() - start, 2)
    rows = json.loads(report.read_text("utf-8")) if report.exists() else []
    wanted = order.count(",") + 1
    if len(rows) != wanted and not failure:
        failure = f"{len(rows)} of {wanted} runs finished"
    return ProcessEnd(tuple(SmokeRun(**row) for row in rows), failure, stderr, seconds)


def _start(command: list[str], folder: Path, limit: float) -> tuple[str, str]:
    try:
        done = subprocess.run(
            command, cwd=folder, env=clean_environment(), timeout=limit + _GRACE,
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        return f"did not end within {limit + _GRACE:g} s and was killed", str(error.stderr or "")
    return _failure(done.returncode, done.stderr, limit), done.stderr


def _failure(code: int, stderr: str, limit: float) -> str:
    if code == 0:
        return ""
    if "Timeout (" in stderr:
        return f"did not end within {limit:g} s"
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if code < 0:
        fatal = next(
            (line for line in lines if "Assertion failed" in line or line.startswith("Fatal")), "no last words"
        )
        return f"killed by {signal.Signals(-code).name}: {fatal}"
    return f"exit code {code}: {lines[-1] if lines else 'nothing on stderr'}"
