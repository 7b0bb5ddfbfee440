"""The Python of a project's environments is what was asked for, in a command or a file, until something else is."""

from __future__ import annotations

import subprocess
import sys
from shutil import rmtree

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.interpreters import WANTED, require
from tests.support.project import ProjectFolder

HERE = "{}.{}".format(*sys.version_info)
OTHER = next(version for version in WANTED if version != HERE)


@pytest.fixture(autouse=True)
def installed(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` is installed for the Python that runs mvlock; ``b`` can be added."""
    require(OTHER)
    for name in ("a", "b"):
        index.publish(name, "1.0")
    project.write(["a"])
    assert mvlock("install").code == 0
    assert version(project) == HERE


def version(project: ProjectFolder, app: str = "app") -> str:
    """The Python that the application's environment has."""
    program = "import sys; print('{}.{}'.format(*sys.version_info))"
    python = project.root / app / "bin/python"
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_what_was_installed_for_stays(mvlock: Mvlock, project: ProjectFolder) -> None:
    err = mvlock("install", "--python", OTHER).err
    assert f"note: everything is installed again, for cpython {OTHER}." in err
    assert f"instead of cpython {HERE}." in err
    assert mvlock("sync").err.startswith("Nothing to do")
    assert "installed again" not in mvlock("add", "b").err
    assert version(project) == OTHER
    assert f"ok       Python {OTHER}." in mvlock("doctor").out
    mvlock("install", "--python", HERE)
    assert version(project) == HERE


def test_what_was_installed_for_stays_without_the_folder_of_the_application(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    mvlock("install", "--python", OTHER)
    rmtree(project.root / "app")
    assert "made for" not in mvlock("install", "--dry-run").out
    assert "installed again" not in mvlock("install").err
    assert version(project) == OTHER
    rmtree(project.root / "app")
    mvlock("install", "--python", HERE)
    assert version(project) == HERE


def test_a_project_that_no_longer_allows_it_gets_another(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install", "--python", OTHER)
    project.write(["a"], python=f">=3.10,!={OTHER}.*")
    mvlock("resolve")
    assert "installed again" in mvlock("install").err
    assert version(project) != OTHER


def test_the_version_file_comes_before_what_is_installed(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("install").err.startswith("Nothing to do")
    file = project.add_file(".python-version", f"# of pyenv\n\n{OTHER}\n{HERE}\n")
    assert "installed again" in mvlock("install").err
    assert version(project) == OTHER
    assert mvlock("install").err.startswith("Nothing to do")
    mvlock("install", "--python", HERE)
    assert version(project) == HERE
    mvlock("install")
    assert version(project) == OTHER
    file.write_text(f"cpython-{HERE}-linux-x86_64-gnu\n")
    mvlock("install")
    assert version(project) == HERE


@pytest.mark.parametrize("text", ["", "system\n", "pypy3.10-7.3.12\n", "3.13t\n", "my-env\n"])
def test_what_is_no_version_of_cpython_does_not_count(mvlock: Mvlock, project: ProjectFolder, text: str) -> None:
    project.add_file(".python-version", text)
    assert mvlock("install").err.startswith("Nothing to do")
    assert version(project) == HERE


def test_a_version_that_is_not_there_is_a_note(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_file(".python-version", "3.10.99\n")
    outcome = mvlock("install")
    assert outcome.code == 0
    assert "note: .python-version asks for Python 3.10.99, and none that fits" in outcome.err
    assert version(project) == HERE
