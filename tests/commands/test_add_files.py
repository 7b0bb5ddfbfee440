"""``mvlock add -r FILE``: the requirements of requirements files, with what belongs to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mvlock.base.toml import tomllib
from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release


@pytest.fixture(autouse=True)
def world(index: LocalIndex) -> None:
    """Two projects."""
    for name in ("a", "b", "c"):
        index.publish(name, "1.0")
        index.publish(name, "2.0")


def read_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_requirements_of_files_are_added(mvlock: Mvlock, project: ProjectFolder) -> None:
    first = project.add_file("requirements.txt", "a==1.0 --hash=sha256:aa\n-c limits.txt\n--find-links wheels\n")
    second = project.add_file("more.txt", "c<2\n")
    project.add_file("limits.txt", "b<2\n")
    outcome = mvlock("add", "b", "-r", str(first), "-r", str(second))
    assert outcome.code == 0, outcome.err
    found = read_toml(project.pyproject)
    assert found["project"]["dependencies"] == ["b>=1.0", "a==1.0", "c<2"]
    assert found["tool"]["mvlock"]["constraints"] == ["b<2"]
    assert outcome.err.splitlines()[:6] == [
        "Added constraints: 1 to tool.mvlock",
        "left out: hashes: mv.lock gets its own, from the index",
        "left out: find-links wheels: there is no such folder",
        "Added 'b>=1.0' to project.dependencies",
        "Added 'a==1.0' to project.dependencies",
        "Added 'c<2' to project.dependencies",
    ]
    assert mvlock("resolve", "--check").code == 0


def test_constraints_join_those_that_are_there(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(tool='constraints = ["b<2"]')
    project.add_file("limits.txt", "b<2\nc<2\n")
    file = project.add_file("requirements.txt", "a\n-c limits.txt\n")
    assert mvlock("add", "-r", str(file)).code == 0
    assert read_toml(project.pyproject)["tool"]["mvlock"]["constraints"] == ["b<2", "c<2"]


def test_a_folder_becomes_a_source_and_its_group_is_the_given_one(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.add_source("core", Release("core", "0.1"))
    file = project.add_file("requirements.txt", "-e ./core\n")
    assert mvlock("add", "--group", "test", "-r", str(file)).code == 0
    found = read_toml(project.pyproject)
    assert found["dependency-groups"]["test"] == ["core"]
    assert found["tool"]["mvlock"]["sources"] == {"core": {"path": "core", "editable": True}}


@pytest.mark.parametrize(("text", "code"), [("a=>1\n", 2), ("zzz\n", 1)])
def test_nothing_is_written_if_a_file_is_wrong_or_has_no_resolution(
    mvlock: Mvlock, project: ProjectFolder, text: str, code: int
) -> None:
    file = project.add_file("requirements.txt", text)
    before = files_below(project.root)
    assert mvlock("add", "-r", str(file)).code == code
    assert files_below(project.root) == before


def test_without_anything_to_add_the_usage_is_wrong(mvlock: Mvlock) -> None:
    outcome = mvlock("add")
    assert (outcome.code, outcome.err.splitlines()[0]) == (2, "error: add: nothing to add was given")


def test_a_file_that_requires_the_project_itself_adds_the_rest(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(["b"])
    project.add_file("requirements.txt", "-e .[web]\na==1.0\n")
    monkeypatch.chdir(project.root)
    outcome = mvlock("add", "-r", "requirements.txt")
    assert outcome.code == 0, outcome.err
    assert read_toml(project.pyproject)["project"]["dependencies"] == ["b", "a==1.0"]
    assert "left out: the extras of the project itself: chosen at install: --extra web" in outcome.err


def test_many_requirements_have_a_line_each(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    names = [f"library-{number:02}" for number in range(12)]
    for name in names:
        index.publish(name, "1.0")
    file = project.add_file("requirements.txt", "\n".join(f"{name}==1.0" for name in names))
    assert mvlock("add", "--no-install", "-r", str(file)).code == 0
    lines = [line.strip() for line in project.pyproject.read_text("utf-8").splitlines()]
    assert [line for line in lines if "library" in line] == [f'"{name}==1.0",' for name in names]
