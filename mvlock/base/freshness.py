"""Notes with the state of files when an answer was computed, to reuse the answer while the files are unchanged.

In any doubt it is computed again: a note that is damaged, or of another Python, is ignored, and one that cannot be
written is left out. Few imports, and none of ``json``, ``pathlib`` or ``typing``: the check must take less time than
importing most modules would.
"""

from __future__ import annotations

import hashlib
import marshal
import os

from mvlock.base.sealed import sealed, unsealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    AnyPath = str | os.PathLike[str]

GENERATED = {
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    "__pycache__", "build", "dist", "node_modules", "py_modules",
}  # fmt: skip

BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
"""Files that control a build."""


def content_hash(path: AnyPath) -> str | None:
    """A hash of a file's content; None if it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # pathlib takes long to import; so below
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return None


def folder_fingerprint(folder: AnyPath, *, editable: bool = False) -> str:
    """A hex digest of names and contents in a folder of sources; if editable, only of files that control the build.

    Folders that builds and tools create (``build``, ``.venv``, …) do not count.
    """
    from pathlib import Path

    digest, folder = hashlib.sha256(), Path(folder)
    for path in _build_files(folder) if editable else _files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def stamp(path: AnyPath) -> list[int] | None:
    """Time, size and mode of a file, which change when it is written to; None if it does not exist."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size, status.st_mode]


def note_name(subject: AnyPath) -> str:
    """The name of the note about a file or directory, whose path is absolute."""
    return hashlib.sha256(os.fsencode(subject)).hexdigest()[:32]


def note(value: dict[str, Any]) -> bytes:
    """What to write for a value of plain types (``marshal``)."""
    return sealed(marshal.dumps(value))


def read_note(path: AnyPath) -> Any:
    """The value of the note at ``path``; None if it cannot be read, or is not as it was written."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return marshal.loads(unsealed(file.read()))  # what is sealed is what we wrote
    except (OSError, ValueError, EOFError, TypeError):
        return None


def _build_files(folder: Path) -> Iterator[Path]:
    return (folder / name for name in BUILD_FILES if (folder / name).is_file())


def _files(folder: Path) -> Iterator[Path]:
    from pathlib import Path

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
