"""``isolate = "conflicts"`` through all commands: a joint tree, one that had to leave it, an application of both."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_ISOLATE = 'isolate = "conflicts"'
_SAYS = "from core import VERSION\nusing = VERSION\n"
_MAIN = """
import new, free, old, sys
print(new.using, old.using, free.__name__)
try:
    import core
except ImportError:
    print("core is not the application's")
"""


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """``old`` and ``new`` need different versions of ``core``."""
    for version in ("1.0", "2.0"):
        index.publish("core", version, files={"core.py": f"VERSION = '{version}'\n"})
    index.publish("old", "1.0", requires=["core<2"], files={"old.py": _SAYS})
    index.publish("new", "1.0", requires=["core>=2"], files={"new.py": _SAYS})
    index.publish("free", "1.0")
    project.write(["old", "new", "free"], tool=_ISOLATE, files={"main.py": _MAIN})


def output(root: Path) -> list[str]:
    """What the application prints."""
    done = subprocess.run(
        [str(root / "app/bin/python"), "-I", str(root / "main.py")], capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_the_application_imports_from_the_joint_tree_and_from_the_one_that_left(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    resolved = mvlock("resolve")
    assert "note: tree old is separate from main: new 1.0 needs core>=2, but old 1.0 needs core<2" in resolved.err
    assert "Locked 5 distributions, several versions of core, in mv.lock" in resolved.err
    assert mvlock("install").code == 0
    assert sorted(path.name for path in (project.root / "py_modules").iterdir() if path.is_dir()) == ["main", "old"]
    assert output(project.root) == ["2.0 1.0 free", "core is not the application's"]


def test_other_commands_know_the_trees(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    lines = mvlock("tree", "--depth", "1").out.splitlines()
    assert lines == [
        "main",
        "├── free 1.0",
        "└── new 1.0",
        "old  (separate: new 1.0 needs core>=2, but old 1.0 needs core<2)",
        "└── old 1.0",
        "",
        "main: the main environment",
        "old: separate from main (core 1.0 here, 2.0 there)",
    ]
    assert mvlock("graph", "old", "--format", "json").code == 0
    assert mvlock("export").code == 0
    assert {path.name for path in project.root.glob("pylock.*.toml")} == {"pylock.main.toml", "pylock.old.toml"}
    assert mvlock("resolve", "--check").code == 0


def test_outdated_knows_that_an_upgrade_may_end_a_split(mvlock: Mvlock, index: LocalIndex) -> None:
    mvlock("resolve")
    index.publish("old", "2.0", requires=["core"])
    found = mvlock("outdated", "--json").json
    assert {"tree": "old", "name": "old", "locked": "1.0", "upgrade": "", "newest": "2.0"} in found  # type: ignore[operator]  # a list


def test_adding_and_removing_leave_the_rest_of_the_lock_alone(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    before = (project.root / "mv.lock").read_text()
    assert mvlock("remove", "free").code == 0
    assert mvlock("add", "--raw", "free").code == 0
    assert (project.root / "mv.lock").read_text() == before
    changed = json.loads(mvlock("resolve", "--json").out)
    assert changed["status"] == "up-to-date"
