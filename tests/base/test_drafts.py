"""Folders of work in progress, and what is left of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mvlock.base.drafts import draft_file, draft_folder, remove_abandoned_drafts, remove_own_drafts


def test_a_draft_is_gone_at_the_end(tmp_path: Path) -> None:
    with draft_folder(tmp_path / "part") as folder:
        (folder / "file").touch()
        assert folder.parent == tmp_path / "part" / "tmp"
    assert list((tmp_path / "part" / "tmp").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="folders are not locked there")
def test_only_what_nobody_works_on_is_removed(tmp_path: Path) -> None:
    abandoned = tmp_path / "part" / "tmp" / "abandoned"
    abandoned.mkdir(parents=True)
    (abandoned / "file").touch()
    with draft_folder(tmp_path / "part") as folder:
        remove_abandoned_drafts(tmp_path)
        assert list((tmp_path / "part" / "tmp").iterdir()) == [folder]


def test_a_file_appears_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "part" / "file"
    with draft_file(tmp_path / "part", path) as stream:
        stream.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert list((tmp_path / "part" / "tmp").iterdir()) == []


def test_a_file_that_fails_is_neither_there_nor_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "part" / "file"
    with pytest.raises(ValueError, match="half"), draft_file(tmp_path / "part", path) as stream:
        stream.write(b"half")
        raise ValueError("half")
    assert list((tmp_path / "part" / "tmp").iterdir()) == [] and not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="files are not locked there")
def test_only_the_file_that_nobody_writes_is_removed(tmp_path: Path) -> None:
    place = tmp_path / "part" / "tmp"
    place.mkdir(parents=True)
    (place / "abandoned").touch()
    with draft_file(tmp_path / "part", tmp_path / "part" / "file"):
        remove_abandoned_drafts(tmp_path)
        assert [path.name for path in place.iterdir()] != ["abandoned"]
        assert len(list(place.iterdir())) == 1


def test_what_nothing_has_removed_goes_at_the_end_of_the_process(tmp_path: Path) -> None:
    with draft_folder(tmp_path) as folder:
        (folder / "content").touch()
        remove_own_drafts()
        assert not folder.exists()


def test_a_cache_that_is_not_there_has_no_drafts(tmp_path: Path) -> None:
    remove_abandoned_drafts(tmp_path / "missing")
