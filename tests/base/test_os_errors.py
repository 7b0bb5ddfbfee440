"""Errors of the operating system say what to do about them, and name no internal file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mvlock.base.os_errors import file_system_error


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))


def test_a_name_that_is_too_long_is_the_file_systems_and_told_as_that(tmp_path: Path) -> None:
    told = file_system_error(_error(errno.ENAMETOOLONG, tmp_path / "store" / ("x" * 200)), {"the cache": tmp_path})
    assert told.message == f"the cache {tmp_path}: File name too long"
    assert told.hint is not None
    assert "a name of 200 bytes or a path of" in told.hint


def test_a_place_that_is_not_writable_is_named(tmp_path: Path) -> None:
    told = file_system_error(_error(errno.EACCES, tmp_path / "store" / "x"), {"the cache": tmp_path})
    assert told.hint is not None
    assert f"can write to the cache {tmp_path}" in told.hint
