"""The file that says which Python a project is for. Few imports: every install looks for it."""

from __future__ import annotations

import os

from mvlock.base.freshness import paths_above

VERSION_FILE = ".python-version"


def version_file(root: str | os.PathLike[str], top: str | os.PathLike[str] | None = None) -> str | None:
    """The nearest file from ``root``, an absolute path, up to ``top``, at or above it; None: there is none."""
    for path in (os.path.join(root, VERSION_FILE), *paths_above(root, VERSION_FILE)):  # noqa: PTH118  # a slow import
        if os.path.isfile(path):  # noqa: PTH113
            return path
        if top is not None and os.path.dirname(path) == os.fspath(top):  # noqa: PTH120
            break
    return None
