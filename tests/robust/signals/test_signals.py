"""Commands that a signal ends, at any moment: the next one is right, nothing is lost, and no draft stays."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.commands.test_killed import start
from tests.robust.amounts import amount
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

SIGNALS = amount(few=10, many=100)
KILLS = amount(few=10, many=100)
COMMANDS: list[tuple[str, ...]] = [
    ("resolve",),
    ("add", "d"),
    ("run", "true"),
    ("install",),
    ("cache", "prune"),
]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc says when a process handles signals")


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """``a`` needs ``b``; what changes is ``d``, which a command may add."""
    modules = {f"b/m{number}.py": f"x = {number}\n" for number in range(60)}
    index.publish("b", "1.0", files=modules | {"b/__init__.py": ""})
    index.publish("a", "1.0", requires=["b"], files={"a/__init__.py": "import b\n"})
    index.publish("d", "1.0", requires=["b"])
    project.write(["a"])


def prepare(command: tuple[str, ...], project: ProjectFolder, mvlock: Mvlock) -> None:
    """A state in which the command has something to do; also in the cache."""
    project.write(["a"])
    for name in ("py_modules", "app", "mv.lock"):
        subprocess.run(["rm", "-rf", project.root / name], check=True)
    shutil.rmtree(project.cache, ignore_errors=True)
    if command[0] in {"install", "cache"}:
        assert mvlock("resolve").code == 0
    if command[0] == "cache":
        assert mvlock("install").code == 0
        subprocess.run(["rm", "-rf", project.root / "py_modules", project.root / "app"], check=True)


def handles_signals(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process has its own handler of SIGTERM, or has ended."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return True
    caught = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt")), 0)
    return process.poll() is not None or bool(caught >> (signal.SIGTERM - 1) & 1)


def ended_by(number: int, project: ProjectFolder, command: tuple[str, ...], seconds: float) -> tuple[int, str]:
    """The exit code as a shell has it, and what it says, of a command that gets a signal after some time."""
    process = start(project, *command, stderr=subprocess.PIPE)
    while not handles_signals(process):
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1].decode()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode, said


def drafts(project: ProjectFolder) -> list[Path]:
    """What is unfinished in the project and the cache."""
    kept = {"pyproject.toml", "mv.lock", "py_modules", "app"}
    odd = [path for path in project.root.iterdir() if path.name not in kept]
    return [*odd, *project.root.rglob(".mvlock-tmp-*"), *project.cache.rglob("*tmp/*"), *project.cache.rglob(".*.tmp")]


def check_next(project: ProjectFolder, mvlock: Mvlock, what: str) -> None:
    """After anything, the usual commands do their work, and nothing unfinished is left."""
    for words in (("resolve",), ("install",), ("verify",)):
        outcome = mvlock(*words)
        assert outcome.code == 0, (what, words, outcome)
    assert drafts(project) == [], what
    names = "a, d" if '"d' in project.pyproject.read_text() else "a"
    subprocess.run([project.root / "app/bin/python", "-c", f"import {names}"], check=True)


def test_signals_at_random_moments(project: ProjectFolder, mvlock: Mvlock) -> None:
    chance = random.Random(20261130)
    for turn in range(SIGNALS):
        command = COMMANDS[turn % len(COMMANDS)]
        number = chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
        prepare(command, project, mvlock)
        before = project.pyproject.read_text()
        code, said = ended_by(number, project, command, chance.uniform(0, 0.8))
        what = f"{number.name} to {' '.join(command)}: {code} {said}"
        assert code in {0, 128 + number}, what
        assert "Traceback" not in said, what
        assert not code or said.splitlines()[-1:] in (["interrupted"], ["terminated"], []), what
        assert not drafts(project), what
        is_added = project.pyproject.read_text() != before
        assert command[0] != "add" or is_added == (project.root / "mv.lock").exists(), what
        check_next(project, mvlock, what)


def test_kills_at_random_moments(project: ProjectFolder, mvlock: Mvlock) -> None:
    chance = random.Random(20261201)
    for turn in range(KILLS):
        command = COMMANDS[turn % len(COMMANDS)]
        prepare(command, project, mvlock)
        code, said = ended_by(signal.SIGKILL, project, command, chance.uniform(0, 0.8))
        what = f"SIGKILL to {' '.join(command)}: {code} {said}"
        assert "Traceback" not in said, what
        check_next(project, mvlock, what)
