"""A folder replaces another so that one of the two is always there."""

from __future__ import annotations

import errno
import sys
import threading
from pathlib import Path

import pytest

from mvlock.base.drafts import remove_own_drafts
from mvlock.base.folders import make_staging_folder, remove, remove_staging_folders, staging, swap


def filled(folder: Path, text: str) -> Path:
    """A folder with one file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "file").write_text(text)
    return folder


def test_the_new_one_is_in_place_and_the_old_one_is_returned(tmp_path: Path) -> None:
    place = filled(tmp_path / "x", "old")
    old = swap(filled(make_staging_folder(place), "new"), place)
    assert (place / "file").read_text() == "new"
    assert old is not None
    assert (old / "file").read_text() == "old"


def test_one_that_nothing_has_removed_goes_at_the_end_of_the_process(tmp_path: Path) -> None:
    folder = filled(make_staging_folder(tmp_path / "x"), "new")
    remove_own_drafts()
    assert not folder.exists()


def test_an_empty_place_is_simply_taken(tmp_path: Path) -> None:
    place = tmp_path / "x"
    assert swap(filled(make_staging_folder(place), "new"), place) is None
    assert (place / "file").read_text() == "new"


@pytest.mark.skipif(sys.platform != "linux", reason="two names can be exchanged on Linux only")
def test_a_concurrent_reader_finds_one_of_the_two(tmp_path: Path) -> None:
    place, stop, seen = filled(tmp_path / "x", "0"), threading.Event(), set[str]()

    def look() -> None:
        while not stop.is_set():
            seen.add((place / "file").read_text() if place.exists() else "nothing")

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(200):
        old = swap(filled(make_staging_folder(place), str(number)), place)
        if old is not None:
            old.rename(tmp_path / f"kept-{number}")
    stop.set()
    watcher.join()
    assert "nothing" not in seen


def test_what_is_read_only_is_removed_too(tmp_path: Path) -> None:
    folder = filled(tmp_path / "x", "text")
    (folder / "file").chmod(0o444)
    folder.chmod(0o555)
    remove(folder)
    assert not folder.exists()


def test_only_our_own_remains_are_cleared_away(tmp_path: Path) -> None:
    left = make_staging_folder(tmp_path / "x")
    other = filled(tmp_path / ".tmp-somebody", "theirs")
    remove_staging_folders(tmp_path)
    assert (left.exists(), other.exists()) == (False, True)


def test_an_error_is_not_hidden_by_a_folder_that_a_thread_still_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        raise OSError(errno.ENOTEMPTY, "Directory not empty", str(folder))

    with pytest.raises(KeyboardInterrupt), staging() as folders:
        folder = folders.open(tmp_path / "x")
        monkeypatch.setattr("mvlock.base.folders.remove", fails)
        raise KeyboardInterrupt
    assert folder.exists()
    remove_own_drafts()
    assert not folder.exists()
