"""Notes of what files were when something was found out, so that it is not found out again while they are the same.

Any doubt means that it is: a note that cannot be read says nothing, and one that cannot be written is not there.
The standard library only, and little of it: the answer must come before most modules could be imported.
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

_SKIPPED = {
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "build", "dist", "node_modules", "py_modules",
}  # fmt: skip

BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
"""What steers a build."""


def content_hash(path: Path) -> str | None:
    """A hash of what a file holds; None if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


def folder_fingerprint(folder: Path, *, editable: bool = False) -> str:
    """A hex digest of names and contents under a folder of sources; if editable, only of what steers the build.

    Folders that builds and tools make (``build``, ``.venv``, …) do not count.
    """
    digest = hashlib.sha256()
    paths = _build_files(folder) if editable else _files(folder)
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def stamp(path: Path) -> list[int] | None:
    """Time, size and mode of a file, which change when somebody writes to it; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size, status.st_mode]


def read_note(path: Path) -> Any:
    """What was written there (JSON); None if there is nothing that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    return None


def write_note(path: Path, note: object) -> None:
    """Write what JSON can hold, in a folder that exists; where that cannot be done, nothing happens."""
    from mvlock.base import atomic

    with suppress(OSError):
        atomic.write(path, json.dumps(note).encode(), mode=atomic.OWN)


def _build_files(folder: Path) -> Iterator[Path]:
    return (folder / name for name in BUILD_FILES if (folder / name).is_file())


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.endswith(".egg-info"))
        if "pyvenv.cfg" in names:  # an environment, whatever its name
            folders.clear()
            continue
        yield from (Path(here, name) for name in sorted(names) if Path(here, name).is_file() and name[-4:] != ".pyc")
