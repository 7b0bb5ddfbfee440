"""``.pth`` files: the folders they add, the lines they run, and how absolute paths in the project become relative.

The ``site`` module joins relative lines with the folder of the file, so a tree can be moved with its project, and
executes lines that start with ``import``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from mvlock.environment.layout import TreePlace

_NAMESPACE = "-nspkg.pth"
"""How setuptools names the files that make namespace packages, which Python makes by itself (PEP 420)."""


@dataclass(frozen=True, slots=True)
class PathFile:
    """What one ``.pth`` file comes to.

    ``content`` None: it can stay as it is. ``paths`` are relative to site-packages where they are inside the
    project, else absolute; POSIX. ``startup``: the lines to be executed when Python starts, in their order.
    """

    content: bytes | None = None
    paths: tuple[str, ...] = ()
    startup: tuple[str, ...] = ()


def read_path_file(name: str, content: bytes, place: TreePlace) -> PathFile:
    """What the file ``name`` means at ``place``; one that is not UTF-8 is nothing to us."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return PathFile()
    changed = [_relocated_line(line, place) for line in lines]
    startup = [] if name.endswith(_NAMESPACE) else [line.rstrip() for line in lines if _is_code(line)]
    return PathFile(
        content=("\n".join(changed) + "\n").encode() if changed != lines else None,
        paths=tuple(PurePath(line).as_posix() for line in changed if _is_path(line)),
        startup=tuple(startup),
    )


def _is_code(line: str) -> bool:
    return line.startswith(("import ", "import\t"))


def _is_path(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#") and not _is_code(line)


def _relocated_line(line: str, place: TreePlace) -> str:
    path = Path(line.rstrip())
    if not _is_path(line) or not path.is_absolute() or not path.is_relative_to(place.project):
        return line
    if not place.root.resolve().is_relative_to(place.project.resolve()):  # through a link, ".." leads elsewhere
        return line
    return PurePath(os.path.relpath(path, place.site_packages)).as_posix()
