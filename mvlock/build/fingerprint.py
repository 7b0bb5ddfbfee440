"""Whether a folder of sources is still what was built: a hash of everything in it that can matter."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

_SKIPPED = {
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "build", "dist", "node_modules", "py_modules",
}  # fmt: skip

BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
"""What steers a build."""


def folder_fingerprint(folder: Path, *, editable: bool = False) -> str:
    """A hex digest of names and contents under ``folder``; if editable, only of what steers the build.

    Folders that builds and tools make (``build``, ``.venv``, …) do not count.
    """
    digest = hashlib.sha256()
    paths = _build_files(folder) if editable else _files(folder)
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _build_files(folder: Path) -> Iterator[Path]:
    return (folder / name for name in BUILD_FILES if (folder / name).is_file())


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.endswith(".egg-info"))
        if "pyvenv.cfg" in names:  # an environment, whatever its name
            folders.clear()
            continue
        yield from (Path(here, name) for name in sorted(names) if Path(here, name).is_file() and name[-4:] != ".pyc")
