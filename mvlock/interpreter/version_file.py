"""The file that says which Python a project is for. Few imports: every install looks for it."""

from __future__ import annotations

import os

VERSION_FILE = ".python-version"


def version_file(root: str | os.PathLike[str], top: str | os.PathLike[str] | None = None) -> str | None:
    """The nearest file from ``root``, an absolute path, up to ``top``, at or above it; None: there is none."""
    folder, end = os.fspath(root), os.fspath(top) if top is not None else None
    while True:
        path = os.path.join(folder, VERSION_FILE)  # noqa: PTH118  # pathlib takes long to import; so below
        if os.path.isfile(path):  # noqa: PTH113
            return path
        above = os.path.dirname(folder)  # noqa: PTH120
        if folder in {end, above}:
            return None
        folder = above
