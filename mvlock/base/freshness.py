"""Notes with the state of files when an answer was computed, to reuse the answer while the files are unchanged.

In any doubt it is computed again: an unreadable record is ignored, and a record that cannot be written is left out.
Standard library only, and little of it: the check must take less time than importing most modules would.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

GENERATED = {
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "build", "dist", "node_modules", "py_modules",
}  # fmt: skip

BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
"""Files that control a build."""


def content_hash(path: Path) -> str | None:
    """A hash of a file's content; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def folder_fingerprint(folder: Path, *, editable: bool = False) -> str:
    """A hex digest of names and contents in a folder of sources; if editable, only of files that control the build.

    Folders that builds and tools create (``build``, ``.venv``, …) do not count.
    """
    digest = hashlib.sha256()
    paths = _build_files(folder) if editable else _files(folder)
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def stamp(path: Path | os.DirEntry[str]) -> list[int] | None:
    """Time, size and mode of a file, which change when it is written to; None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size, status.st_mode]


def record_path(folder: Path, subject: Path) -> Path:
    """Where in ``folder`` the record about a file or directory is; ``subject`` is absolute."""
    return folder / f"{hashlib.sha256(os.fsencode(subject)).hexdigest()[:32]}.json"


def read_record(path: Path) -> Any:
    """The record at ``path`` (JSON); None if it cannot be read."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    return None


def _build_files(folder: Path) -> Iterator[Path]:
    return (folder / name for name in BUILD_FILES if (folder / name).is_file())


def _files(folder: Path) -> Iterator[Path]:
    for folder_path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in GENERATED and not name.endswith(".egg-info"))
        if "pyvenv.cfg" in names:  # an environment, whatever its name
            folders.clear()
            continue
        yield from (
            Path(folder_path, name)
            for name in sorted(names)
            if Path(folder_path, name).is_file() and name[-4:] != ".pyc"
        )
