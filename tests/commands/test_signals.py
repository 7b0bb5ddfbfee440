"""Signals besides Ctrl-C, a second one, and what is ignored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.test_builds_at_once import is_alive, wait_for
from tests.support.project import ProjectFolder

_STUBBORN = """
import os, pathlib, signal, time

def prepare_metadata_for_build_wheel(folder, settings=None):
    signal.signal(signal.SIGTERM, lambda *_: pathlib.Path({asked!r}).touch())
    pathlib.Path({began!r}).write_text(str(os.getpid()))
    while True:
        time.sleep(600)

def build_wheel(folder, settings=None, metadata=None):
    raise RuntimeError("not wanted")
"""

_LATE = """
import gc, os, sys
from mvlock.commands import main

class Late:
    def __del__(self):
        os.kill(os.getpid(), {number})

gc.freeze = lambda: None
late = Late()
sys.argv = ["mvlock", "version"]
sys.exit(main())
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")


@pytest.fixture
def signs(project: ProjectFolder) -> Path:
    """Where a backend that does not end when it is asked to leaves its process id, and whether it was asked."""
    place = project.root.parent / "signs"
    place.mkdir()
    code = _STUBBORN.format(began=str(place / "began"), asked=str(place / "asked"))
    table = '[project]\nname = "x"\ndynamic = ["version"]\n[build-system]\nrequires = []\nbuild-backend = "backend"\n'
    project.add_file("x/pyproject.toml", table + 'backend-path = ["."]\n')
    project.add_file("x/backend.py", code)
    project.write(["x"], tool='sources = { x = { path = "x" } }')
    return place


def resolving(project: ProjectFolder, *before: str) -> subprocess.Popen[str]:
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    command = [*before, sys.executable, "-m", "mvlock", *place, "resolve"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("number", "word"), [(signal.SIGTERM, "terminated"), (signal.SIGHUP, "terminated")])
def test_a_request_to_end_ends_builds_and_leaves_no_draft(
    project: ProjectFolder, signs: Path, number: signal.Signals, word: str
) -> None:
    with resolving(project) as process:
        child = wait_for(signs / "began")
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (128 + number, f"{word}\n")
    assert (signs / "asked").exists()
    assert not is_alive(child)
    assert not list(project.cache.glob("*/tmp/*"))


def test_a_second_signal_ends_at_once_with_all_that_was_started(project: ProjectFolder, signs: Path) -> None:
    with resolving(project) as process:
        child = wait_for(signs / "began")
        process.send_signal(signal.SIGINT)
        while not (signs / "asked").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, said) == (130, "interrupted\n")
    while is_alive(child):
        time.sleep(0.01)


def test_what_was_ignored_stays_ignored(project: ProjectFolder, signs: Path) -> None:
    """As ``nohup`` has it: the command goes on."""
    with resolving(project, "nohup") as process:
        wait_for(signs / "began")
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_after_the_end_changes_nothing(number: signal.Signals) -> None:
    """Python frees its modules after it has given signals back: there would be an exit code without a word."""
    done = subprocess.run([sys.executable, "-c", _LATE.format(number=int(number))], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
