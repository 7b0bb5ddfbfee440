"""Files that people and tools write are read up to a size, whatever is in their place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mvlock.base.bounded import read_bounded
from mvlock.base.limits import LARGEST_TEXT


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "mv.lock"
    file.write_bytes(b"x" * 100_000)
    assert read_bounded(file) == b"x" * 100_000


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mv.lock"
    with file.open("wb") as written:
        written.truncate(LARGEST_TEXT + 1)
    with pytest.raises(OSError, match="large"):
        read_bounded(file)


@pytest.mark.skipif(os.name == "nt", reason="devices are no files")
def test_a_device_without_end_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "pyproject.toml"
    link.symlink_to("/dev/zero")
    with pytest.raises(OSError, match="large"):
        read_bounded(link)
