"""Notes with the state of files when an answer was computed, to reuse the answer while the files are unchanged.

In any doubt it is computed again: a note that is damaged is ignored, and one that cannot be written is left out. Few
imports, and none of ``json``, ``pathlib`` or ``typing``: the check must take less time than importing most modules
would. So a note is lines of texts, with a NUL between two of them.
"""

from __future__ import annotations

import hashlib
import os

from mvlock.base.sealed import sealed, unsealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

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


def paths_above(folder: AnyPath, name: str) -> Iterator[str]:
    """Where a file of this name would be in the folders above an absolute one, the nearest first."""
    below, above = os.fspath(folder), os.path.dirname(folder)  # noqa: PTH120
    while above != below:
        yield os.path.join(above, name)  # noqa: PTH118
        below, above = above, os.path.dirname(above)  # noqa: PTH120


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


def note(content: Mapping[str, Sequence[str]]) -> bytes:
    """What to write for texts by name.

    :raises ValueError: one has several lines or a NUL, as the name of a folder may
    """
    rows = [(name, *texts) for name, texts in content.items()]
    if any("\n" in text or "\0" in text for row in rows for text in row):
        raise ValueError("a text cannot be noted")
    return sealed(os.fsencode("\n".join(map("\0".join, rows))))


def read_note(path: AnyPath) -> dict[str, list[str]]:
    """The texts of the note at ``path`` by name; none if it cannot be read, or is not as it was written."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            rows = os.fsdecode(unsealed(file.read())).split("\n")
    except (OSError, ValueError):
        return {}
    return {name: texts for name, *texts in (row.split("\0") for row in rows)}


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
