"""Modules that are not compiled at install are compiled by Python, as in one environment."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

NOTHING = "Nothing to do: py_modules/ and app/ match mv.lock\n"


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A project with a tree."""
    index.publish("a", "1.0", files={"a/__init__.py": "v = 1\n", "a/rare.py": ""})
    index.publish("b", "1.0", files={"b/__init__.py": ""})
    project.write(["a"])
    mvlock("resolve")


def compiled(project: ProjectFolder, tree: str) -> set[str]:
    return {path.name.partition(".")[0] for path in (project.root / "py_modules" / tree).rglob("*.pyc")}


def run_application(project: ProjectFolder, code: str) -> str:
    python = project.root / "app/bin/python"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, env={}).stdout


def test_python_compiles_what_is_imported(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install", "--no-bytecode")
    assert compiled(project, "a") == set()
    assert run_application(project, "import a; print(a.v)") == "1\n"
    assert compiled(project, "a") == {"__init__"}
    assert mvlock("verify").code == 0
    assert not list(Path(project.cache).rglob("store-*/wheels/**/*.pyc"))


def test_trees_that_exist_stay_as_they_are(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install", "--no-bytecode")
    assert mvlock("install", "--no-bytecode").err == NOTHING
    assert mvlock("install").err == NOTHING
    assert compiled(project, "a") == set()
    project.write(["a", "b"])
    mvlock("resolve")
    mvlock("install")
    assert (compiled(project, "a"), compiled(project, "b")) == (set(), {"__init__"})


def test_a_variable_and_the_settings_say_it_for_all_commands(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MVLOCK_NO_BYTECODE", "1")
    mvlock("add", "b")
    assert compiled(project, "b") == set()
    monkeypatch.setenv("MVLOCK_NO_BYTECODE", "0")
    mvlock("remove", "b")
    mvlock("add", "b")
    assert compiled(project, "b") == {"__init__"}
