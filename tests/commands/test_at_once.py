"""Several installs at the same time, each a process of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commands.test_killed import start
from tests.commands.worlds import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex) -> None:
    for version in ("1.0", "2.0"):
        files = {f"a/m{number}.py": f"x = {number}\n" for number in range(100)}
        index.publish("a", version, files=files | {"a/__init__.py": f"__version__ = '{version}'\n"})
        index.publish("b", version)


def seen(project: ProjectFolder) -> str:
    words = [str(project.root / "app/bin/python"), "-c", "import a, b; print(a.__version__, b.__version__)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_two_in_one_project_follow_each_other(mvlock: Mvlock, project: ProjectFolder) -> None:
    for wanted in ("1.0", "2.0"):
        project.write([f"a=={wanted}", f"b=={wanted}"])
        mvlock("resolve")
        assert [process.wait() for process in [start(project, "install") for _ in range(2)]] == [0, 0]
        assert seen(project) == f"{wanted} {wanted}"
        assert mvlock("verify").code == 0


def test_ten_projects_share_one_store(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, tmp_path: Path
) -> None:
    projects = []
    for number in range(10):
        root = tmp_path / f"project{number}"
        root.mkdir()
        projects.append(ProjectFolder(root, project.cache, index).write(["a<2", "b"] if number % 2 else ["a", "b<2"]))
        assert mvlock("--project", str(root), "resolve").code == 0
    index.forget_requests()
    assert [process.wait() for process in [start(one, "install") for one in projects]] == [0] * 10
    assert [seen(one) for one in projects] == ["2.0 1.0", "1.0 2.0"] * 5
    fetched = [path for path in index.paths("/files/") if path.endswith(".whl")]
    assert sorted(fetched) == sorted(set(fetched))
