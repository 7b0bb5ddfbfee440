"""An install of more files than one process links by itself."""

from __future__ import annotations

import shutil

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

MANY = 7000


def test_a_tree_of_many_files_is_complete(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("a", "1.0", files={f"a/part{number % 70}/m{number}.txt": "" for number in range(MANY)})
    index.publish("b", "1.0", requires=["a"], files={"b/__init__.py": ""})
    project.write(["a", "b"])
    mvlock("resolve")
    for _ in range(2):  # from the index, and linked from the store
        mvlock("install")
        assert len(list((project.root / "py_modules").rglob("m*.txt"))) == 2 * MANY
        assert mvlock("verify").code == 0
        shutil.rmtree(project.root / "py_modules")
