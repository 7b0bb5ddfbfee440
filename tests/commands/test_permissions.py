"""What other users of the machine may do with what mvlock writes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release

ROOT = Path(__file__).parents[2]
_SHARED = re.compile(r"gettempdir|mktemp\(|[\"']/(?:var/)?tmp|/dev/shm")


def _run(project: ProjectFolder, umask: int, *words: str) -> str:
    command = [
        sys.executable,
        "-m",
        "mvlock",
        "--project",
        str(project.root),
        "--cache-dir",
        str(project.cache),
        *words,
    ]
    done = subprocess.run(command, cwd=ROOT, umask=umask, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _writable_by_others(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.stat().st_mode & 0o002:
            yield str(path.relative_to(folder))


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_nobody_else_may_write_what_is_written(project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0", scripts={"a": "a:main"}, files={"a/__init__.py": "main = print\n"})
    index.publish("b", "1.0", wheel_tags=(), sdist=True)
    project.add_source("c", Release("c", "1.0"))
    project.write(["a", "b", "c"], tool='sources.c = { path = "c" }')
    for words in (("resolve",), ("install",), ("export",), ("pack",)):
        _run(project, 0, *words)
    assert [*_writable_by_others(project.root), *_writable_by_others(project.cache)] == []


@pytest.mark.skipif(os.name == "nt", reason="modes of files")
def test_a_command_runs_with_the_umask_of_its_user(project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert _run(project, 0, "run", "python", "-c", "import os; print(os.umask(0))") == "0"


def test_no_module_names_a_shared_folder() -> None:
    """What is temporary gets a name from ``tempfile``, or is next to its place."""
    files = [path for folder in ("mvlock", "importshim") for path in (ROOT / folder).rglob("*.py")]
    assert [path.name for path in files if _SHARED.search(path.read_text(encoding="utf-8"))] == []
