"""Processes that look at files and link them do what this process would do, and say what they could not do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvlock.errors import UnmetRequest
from mvlock.store import worker
from mvlock.store.file_workers import FileWorkers

MANY = 7000


@pytest.fixture
def workers() -> Iterator[FileWorkers]:
    """Workers that have done so much that the rest is done in processes."""
    with FileWorkers(Path(sys.executable)) as workers:
        assert workers.look("/", 0, [("missing", 0, False)] * MANY) == list(range(MANY))
        yield workers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, one of which can be executed."""
    source = tmp_path / "source"
    (source / "b").mkdir(parents=True)
    (source / "a.py").write_text("a")
    (source / "b/c.py").write_text("bc")
    (source / "b/run").write_text("run")
    (source / "b/run").chmod(0o755)
    return source


RIGHT = [("a.py", 1, False), ("b/c.py", 2, False), ("b/run", 3, True)]


def test_what_is_right_is_passed_over(workers: FileWorkers, folder: Path) -> None:
    later = time.time_ns() + 10**9
    assert list(workers.look(str(folder), later, RIGHT)) == []
    assert list(workers.look(str(folder), 1, RIGHT)) == [0, 1, 2]


def test_each_doubt_is_reported(workers: FileWorkers, folder: Path) -> None:
    later = time.time_ns() + 10**9
    wrong = [("a.py", 2, False), ("b/c.py", 2, True), ("d", 1, False), *RIGHT]
    assert list(workers.look(str(folder), later, wrong)) == [0, 1, 2]


def test_files_are_linked_into_new_folders(workers: FileWorkers, folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    files = [(f"{folder}/a.py", "lib/x/a.py"), (f"{folder}/b/c.py", "c.py"), (f"{folder}/b/run", "lib/run")]
    assert list(workers.link(str(root), files)) == []
    assert all((root / target).samefile(source) for source, target in files)


def test_what_cannot_be_linked_is_left_to_the_caller(workers: FileWorkers, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("mine")
    (tmp_path / "file").write_text("no folder")
    files = [(f"{folder}/a.py", target) for target in ("a.py", "file/a.py", "new.py")] + [(f"{folder}/none", "none")]
    assert list(workers.link(str(tmp_path), files)) == [0, 1, 3]
    assert (tmp_path / "a.py").read_text() == "mine"


def test_names_that_are_not_utf8(workers: FileWorkers, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    try:
        (tmp_path / name).write_text("1")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert list(workers.link(str(tmp_path), [(f"{tmp_path}/{name}", f"new/{name}")])) == []


def test_the_same_in_this_process(folder: Path, tmp_path: Path) -> None:
    with FileWorkers(Path("/there is no such Python")) as workers:
        assert list(workers.look(str(folder), 1, RIGHT)) == worker.look(str(folder), 1, RIGHT) == [0, 1, 2]
        assert list(workers.link(str(tmp_path), [(f"{folder}/a.py", "a.py")])) == []


def test_a_process_that_ends_early_is_an_error() -> None:
    with FileWorkers(Path("/bin/true")) as workers, pytest.raises(UnmetRequest, match="true stopped"):
        workers.look("/", 0, [("missing", 0, False)] * MANY)
