"""Fixtures of command tests."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock, Outcome, run_main
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
