"""Fixtures of command tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock, Outcome, run_main
from tests.commands.desk import Desk
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture
def mvlock(project: ProjectFolder, capfd: pytest.CaptureFixture[str]) -> Mvlock:
    """Runs a command line on ``project`` and returns what came of it."""

    def run(*words: str) -> Outcome:
        capfd.readouterr()
        place = ("--project", str(project.root), "--cache-dir", str(project.cache))
        code = run_main(*place, *words)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture
def desk(tmp_path: Path, index: LocalIndex) -> Desk:
    """A desk without scripts; ``lib`` has two versions, and ``other`` needs the first."""
    for version in ("1.0", "2.0"):
        index.publish("lib", version, files={"lib.py": f"version = '{version}'\n"})
    index.publish("other", "1.0", requires=["lib<2"], files={"other.py": "import lib; version = lib.version\n"})
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder, tmp_path / "cache", index)
