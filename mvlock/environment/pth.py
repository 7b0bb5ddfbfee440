"""``.pth`` files: the folders they add, and how an absolute path inside the project becomes a relative one.

The ``site`` module joins relative lines with the folder of the file, so a tree can be moved with its project.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from mvlock.environment.layout import TreePlace


def relocated(content: bytes, place: TreePlace) -> tuple[bytes | None, list[str]]:
    """The content with paths inside the project made relative, None if it can stay; and all folders it adds.

    Folders are relative to site-packages where they are inside the project, else absolute; POSIX.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return None, []
    changed = [_relocated_line(line, place) for line in lines]
    paths = [PurePath(line).as_posix() for line in changed if _is_path(line)]
    return (("\n".join(changed) + "\n").encode() if changed != lines else None), paths


def _is_path(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", "import ", "import\t"))


def _relocated_line(line: str, place: TreePlace) -> str:
    path = Path(line.rstrip())
    if not _is_path(line) or not path.is_absolute() or not path.is_relative_to(place.project):
        return line
    return PurePath(os.path.relpath(path, place.site_packages)).as_posix()
