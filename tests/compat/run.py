"""One mode of one pair: the application in a process of its own, with a time limit."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.compat.pairs import Mode, Side
from tests.compat.workplace import PairProject
from tests.support.workplace import clean_environment

_ORDERS: dict[Mode, str] = {
    "old-new": "old,new",
    "new-old": "new,old",
    "interleaved": "old,new,old,new",
    "threads": "threads:old,new,old,new",
}
_GRACE = 15


@dataclass(frozen=True, slots=True)
class SmokeRun:
    """One run of one version's smoke: what it printed, or its traceback in ``error``."""

    side: Side
    stdout: str
    error: str


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """What came of one process. ``death`` is "" if it ended well; ``runs`` are empty if it left no report."""

    runs: tuple[SmokeRun, ...]
    death: str
    stderr: str
    seconds: float


def run_mode(project: PairProject, mode: Mode, limit: float) -> ProcessEnd:
    """Both versions in one process of the application."""
    return _run(project, project.made.application, _ORDERS[mode], limit)


def run_alone(project: PairProject, side: Side, mode: Mode, limit: float) -> ProcessEnd:
    """One version alone in its tree's own interpreter, where nothing is routed, as often as ``mode`` runs both."""
    order = _ORDERS[mode].replace("old", side).replace("new", side)
    return _run(project, project.tree(side), order, limit)


def _run(project: PairProject, python: Path, order: str, limit: float) -> ProcessEnd:
    report = project.made.folder / "report.json"
    report.unlink(missing_ok=True)
    start = time.perf_counter()
    death, stderr = _start([str(python), "main.py", order, report.name, str(limit)], project.made.folder, limit)
    seconds = round(time.perf_counter() - start, 2)
    rows = json.loads(report.read_text("utf-8")) if report.exists() else []
    wanted = order.count(",") + 1
    if len(rows) != wanted and not death:
        death = f"{len(rows)} of {wanted} runs came to an end"
    return ProcessEnd(tuple(SmokeRun(**row) for row in rows), death, stderr, seconds)


def _start(command: list[str], folder: Path, limit: float) -> tuple[str, str]:
    try:
        done = subprocess.run(
            command, cwd=folder, env=clean_environment(), timeout=limit + _GRACE,
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        return f"did not end within {limit + _GRACE:g} s and was killed", str(error.stderr or "")
    return _death(done.returncode, done.stderr, limit), done.stderr


def _death(code: int, stderr: str, limit: float) -> str:
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
