"""Ctrl-C goes to all processes of a terminal at once: one word is printed, whatever was running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.store.store import STORE_FOLDER
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

ROOT = Path(__file__).parents[2]
SOURCE = "\n".join(f"def f{number}(x):\n    return [x, x + {number}]" for number in range(300))
FILES = {f"a/m{number}.py": SOURCE for number in range(300)}

_COMMAND = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
runpy.run_module("mvlock", run_name="__main__", alter_sys=True)
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A distribution that takes seconds to compile, locked."""
    index.publish("a", "1.0", files=FILES | {"a/__init__.py": ""})
    project.write(["a"])
    mvlock("resolve")


def interrupted(project: ProjectFolder, is_time: Callable[[], object], *words: str) -> tuple[int, str, str]:
    """What a command (None: an install) comes to that is interrupted as soon as it is time: its exit code in a shell,
    and what it says.

    CPython ends by the signal itself where the interrupt came while text was executed; a shell calls that 130, too.
    """
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    process = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, *place, *(words or ["install"])],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not is_time():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return 130 if process.returncode == -signal.SIGINT else process.returncode, out, err


def test_an_interrupt_while_workers_compile_is_one_word(project: ProjectFolder) -> None:
    def compiling() -> bool:
        """``os.walk`` steps over folders that are renamed while it walks; ``rglob`` does not."""
        return any(name.endswith(".pyc") for _, _, names in os.walk(project.cache) for name in names)

    assert interrupted(project, compiling) == (130, "", "interrupted\n")


def test_an_interrupt_while_files_are_fetched_does_not_wait_for_them(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock
) -> None:
    index.publish("b", "1.0", files={"b.bin": os.urandom(200_000).hex()})
    project.write(["a", "b"])
    mvlock("resolve")
    index.fail("/files/b-1.0", "drip", seconds=6)
    before = len(index.requests)

    def fetching() -> bool:
        return any(request.path.endswith(".whl") for request in index.requests[before:])

    assert interrupted(project, fetching) == (130, "", "interrupted\n")


def test_an_interrupted_upgrade_says_that_the_lock_has_changed(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock
) -> None:
    index.publish("b", "1.0")
    project.write(["b"])
    mvlock("install")
    index.publish("b", "2.0")
    index.fail("b-2.0-py3-none-any.whl", "slow", seconds=1.0)
    lock = project.root / "mv.lock"
    code, _, err = interrupted(project, lambda: 'version = "2.0"' in lock.read_text("utf-8"), "upgrade")
    *_, note, word = err.splitlines()
    assert (code, word) == (130, "interrupted")
    assert (
        note
        == "note: mv.lock has changed, and what is installed may not match it: `mvlock install` finishes the upgrade"
    )
    index.clear_faults()
    assert "b 2.0" in mvlock("install").err
    assert "note" not in mvlock("upgrade").err


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.2, 0.4])
def test_an_interrupt_at_any_moment_is_one_word(project: ProjectFolder, seconds: float) -> None:
    begun: list[float] = []

    def is_time() -> bool:
        if not begun and (project.cache / STORE_FOLDER).exists():
            begun.append(time.monotonic())
        return bool(begun) and time.monotonic() - begun[0] >= seconds

    assert interrupted(project, is_time) == (130, "", "interrupted\n")
