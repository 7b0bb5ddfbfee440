"""Files that are written atomically."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mvlock.base import atomic


def modes(path: Path) -> int:
    """The permissions of a file."""
    return path.stat().st_mode & 0o777


def test_a_file_is_the_old_one_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_bytes(b"old")
    with atomic.replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "note"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic.replacing(path) as stream:
        stream.write(b"new")
        raise KeyboardInterrupt
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"note": b"old"}


def test_a_file_that_cannot_take_its_place_is_not_left(tmp_path: Path) -> None:
    (tmp_path / "place" / "taken").mkdir(parents=True)
    with pytest.raises(OSError, match="place"):
        atomic.write(tmp_path / "place", b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["place"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_file_has_the_mode_it_is_given_and_otherwise_that_of_any_file(tmp_path: Path) -> None:
    (tmp_path / "any").write_bytes(b"")
    atomic.write(tmp_path / "usual", b"")
    atomic.write(tmp_path / "own", b"", mode=atomic.OWNER_ONLY)
    atomic.write(tmp_path / "program", b"", mode=0o755)
    assert modes(tmp_path / "usual") == modes(tmp_path / "any")
    assert (modes(tmp_path / "own"), modes(tmp_path / "program")) == (0o600, 0o755)


def test_what_says_the_same_already_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "note"
    assert atomic.update(path, b"one")
    before = path.stat()
    assert not atomic.update(path, b"one")
    assert path.stat().st_ino == before.st_ino and path.stat().st_mtime_ns == before.st_mtime_ns
    assert atomic.update(path, b"two") and path.read_bytes() == b"two"
