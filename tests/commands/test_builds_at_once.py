"""Builds run at the same time, and end together."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mvlock.base.concurrency import processors
from tests.commands.command_line import Mvlock
from tests.support.project import ProjectFolder

_BACKEND = """
import os, pathlib, subprocess, sys, time

NAME, OTHER, PLACE = {name!r}, {other!r}, pathlib.Path({place!r})

def prepare_metadata_for_build_wheel(folder, settings=None):
    (PLACE / f"{{NAME}}.began").touch()
    while not (PLACE / f"{{OTHER}}.began").exists():
        time.sleep(0.02)
    print(f"output of {{NAME}}", flush=True)
    {then}
    info = pathlib.Path(folder, f"{{NAME}}-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: 1.0\\n")
    return info.name

def build_wheel(folder, settings=None, metadata=None):
    raise RuntimeError("not wanted")
"""
_SLEEP = "child = subprocess.Popen(['sleep', '600']); (PLACE / 'child').write_text(str(child.pid)); child.wait()"
_FAIL = "\n    ".join(
    ["while not (PLACE / 'child').exists():", "    time.sleep(0.02)", "raise RuntimeError('no compiler here')"]
)

pytestmark = [
    pytest.mark.skipif(processors() < 2, reason="builds as many at once as there are processors"),
    pytest.mark.skipif(sys.platform == "win32", reason="looks for processes as POSIX has them"),
]


def with_sources(project: ProjectFolder, first: str = "pass", second: str = "pass") -> Path:
    """Two folders whose backends wait for each other, then do ``first`` and ``second``; where they leave signs."""
    place = project.root.parent / "signs"
    place.mkdir()
    for name, other, then in (("x", "y", first), ("y", "x", second)):
        project.add_file(f"{name}/backend.py", _BACKEND.format(name=name, other=other, place=str(place), then=then))
        project.add_file(
            f"{name}/pyproject.toml",
            f'[project]\nname = "{name}"\ndynamic = ["version"]\n'
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        )
        project.add_file(f"{name}/{name}/__init__.py", "")
    project.write(
        ["x", "y"], tool='sources = { x = { path = "x", editable = true }, y = { path = "y", editable = true } }'
    )
    return place


def is_alive(process: int) -> bool:
    """Whether a process runs: not one that has ended and that nobody has asked about yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(path: Path) -> int:
    """The number in a file that will be there soon."""
    while not path.exists() or not path.read_text():
        time.sleep(0.02)
    return int(path.read_text())


def test_two_builds_that_wait_for_each_other_come_to_an_end(mvlock: Mvlock, project: ProjectFolder) -> None:
    place = with_sources(project)
    mvlock("resolve")
    assert sorted(path.name for path in place.iterdir()) == ["x.began", "y.began"]


def test_a_build_that_fails_ends_the_other_and_shows_its_own_output_only(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    place = with_sources(project, _FAIL, _SLEEP)
    outcome = mvlock("resolve")
    (log,) = (project.cache / "logs-1").iterdir()
    assert (outcome.code, "no compiler here" in outcome.err) == (4, True)
    assert re.findall("output of .", log.read_text()) == ["output of x"]
    assert not is_alive(wait_for(place / "child"))


def test_an_interrupt_ends_what_builds_have_started(project: ProjectFolder) -> None:
    place = with_sources(project, "time.sleep(600)", _SLEEP)
    command = [sys.executable, "-m", "mvlock", "--project", str(project.root), "--cache-dir", str(project.cache)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([*command, "resolve"], env=environment, stderr=subprocess.PIPE, text=True) as process:
        child = wait_for(place / "child")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted\n")
    assert not is_alive(child)
