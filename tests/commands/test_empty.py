"""Every command works for a project without dependencies."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock, command_names
from tests.commands.test_install_and_run import run
from tests.support.project import ProjectFolder


def test_a_script_runs_with_the_python_of_the_application_again_and_again(project: ProjectFolder) -> None:
    project.add_file("main.py", "import importshim, sys; print(sys.prefix, *sys.argv[1:])")
    for _ in range(3):
        done = run(project, "main.py", "--flag")
        assert (done.returncode, done.stdout) == (0, f"{project.root / 'app'} --flag\n"), done.stderr


def test_a_second_install_finds_nothing_to_do(mvlock: Mvlock) -> None:
    mvlock("resolve")
    assert mvlock("install").told[-1] == "Updated app/ in 0.0 s"
    again = mvlock("install")
    assert (again.code, again.err) == (0, "Nothing to do: py_modules/ and app/ match mv.lock\n")


def test_the_last_dependency_can_go(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.index.publish("a", "1.0")
    project.write(["a"])
    mvlock("resolve")
    mvlock("install")
    assert mvlock("remove", "a").code == 0
    assert not (project.root / "py_modules/a").exists()
    assert mvlock("install").code == 0


_WORDS = (
    (("list",), 0),
    (("list", "--outdated"), 0),
    (("tree",), 0),
    (("tree", "--duplicates"), 0),
    (("tree", "--map"), 0),
    (("show", "numpy"), 1),
    (("why", "numpy"), 1),
    (("check",), 0),
    (("upgrade",), 0),
    (("verify",), 0),
    (("licenses",), 0),
    (("audit",), 0),
    (("export",), 0),
    (("export", "--output", "-"), 0),
    (("export", "--format", "cyclonedx", "--output", "-"), 0),
    (("doctor",), 0),
    (("config",), 0),
    (("outdated",), 0),
    (("graph",), 0),
    (("graph", "--html", "-", "--memory"), 0),
    (("graph", "--svg", "-"), 0),
    (("pack",), 0),
    (("resolve", "--check"), 0),
    (("install", "--repair"), 0),
    (("install", "--dry-run"), 0),
)
_OTHERS = {"init", "add", "remove", "run", "cache", "completion", "version", "help"}
"""These write pyproject.toml, are called above, or need no project."""


def test_every_command_that_reads_a_project_is_called_for_an_empty_one() -> None:
    assert {words[0] for words, _ in _WORDS} == set(command_names()) - _OTHERS


@pytest.mark.parametrize(("words", "code"), _WORDS)
def test_every_command_takes_an_empty_project(mvlock: Mvlock, words: tuple[str, ...], code: int) -> None:
    mvlock("resolve")
    mvlock("install")
    assert mvlock(*words).code == code
