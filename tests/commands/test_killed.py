"""An install that is killed at any moment leaves the old or the new, and the next one finishes the work."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mvlock.store.store import STORE_FOLDER
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

KILLS = int(os.environ.get("MVLOCK_TEST_KILLS", "4"))
ROOT = Path(__file__).parents[2]
FILES = {f"a/m{number}.py": f"x = {number}\n" for number in range(300)}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")


@pytest.fixture(autouse=True)
def world(index: LocalIndex) -> None:
    """Two versions of ``a`` and of ``b``, which come together."""
    for version in ("1.0", "2.0"):
        source = {"a/__init__.py": f"__version__ = '{version}'\n"}
        index.publish("a", version, files=FILES | source)
        index.publish("b", version, scripts={"b": "b:main"})


def start(project: ProjectFolder, *words: str, stderr: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "mvlock", *place, *words]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stderr)


def version(project: ProjectFolder) -> str:
    """What the application gets; "" before the first install is done."""
    python = project.root / "app/bin/python"
    if not python.exists():
        return ""
    done = subprocess.run(
        [python, "-c", "import a, b; print(a.__version__)"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def seconds_of_an_install(project: ProjectFolder) -> float:
    begin = time.perf_counter()
    assert start(project, "install", "--repair").wait() == 0
    return time.perf_counter() - begin


@pytest.mark.parametrize("updates", [False, True], ids=["first install", "update"])
def test_killed_at_any_moment(mvlock: Mvlock, project: ProjectFolder, updates: bool) -> None:
    chance = random.Random(updates)
    project.write(["a<2", "b<2"])
    mvlock("resolve")
    longest = seconds_of_an_install(project)
    for number in range(KILLS // 2):
        wanted = "1.0" if not updates or number % 2 else "2.0"
        if not updates:
            for name in ("app", "py_modules"):
                subprocess.run(["rm", "-rf", project.root / name, project.cache / STORE_FOLDER], check=True)
        before = version(project)
        project.write(["a<2", "b<2"] if wanted == "1.0" else ["a>=2", "b>=2"])
        mvlock("resolve", "--upgrade")
        process = start(project, "install")
        time.sleep(chance.uniform(0.1, longest * 1.2))
        process.kill()
        process.wait()
        assert version(project) in {before, wanted}
        assert start(project, "install").wait() == 0
        assert version(project) == wanted
        assert mvlock("verify").code == 0
        assert not list(project.root.rglob(".mvlock-tmp-*"))
