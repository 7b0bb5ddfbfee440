"""Errors of the operating system: what kind they are, and how they are reported."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mvlock.errors import LocalError

if TYPE_CHECKING:
    from mvlock.codes import Code

DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers: no space left."""

NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""Error numbers: read-only or not permitted."""


def file_system_error(error: OSError, folders: Mapping[str, Path]) -> LocalError:
    """The error for the user: ``disk-full`` or ``file-system``.

    It names one of ``folders``, by its name for users (the key), instead of an internal file in it.
    """
    place = error.filename2 or error.filename  # if a link cannot be made, filename2 is its path
    named = os.fsdecode(place) if isinstance(place, (str, bytes, os.PathLike)) else ""
    known = next((f"{what} {folder}" for what, folder in folders.items() if Path(named).is_relative_to(folder)), named)
    where = f"{known}: " if known else ""
    hint = None
    if error.errno in DISK_FULL:
        known = known or _fullest(folders)
        where = f"{known}: " if known else ""
        hint = f"free some space on the disk of {known}; nothing was changed"
    elif error.errno in NOT_WRITABLE:
        hint = f"make sure that you can write to {known}; `mvlock doctor` checks both project and cache"
    elif error.errno == errno.ENAMETOOLONG:
        name, path = (len(os.fsencode(text)) for text in (Path(named).name, named))
        hint = f"a name of {name} bytes or a path of {path} is too long for the file system there: choose another place"
    code: Code = "disk-full" if error.errno in DISK_FULL else "file-system"
    return LocalError(code, f"{where}{error.strerror or error}", hint=hint, facts={"file": named})


def _fullest(folders: Mapping[str, Path]) -> str:
    """The folder with the least free space: a failed write does not say where it failed."""
    from tempfile import gettempdir

    places = {**folders, "temporary files in": Path(gettempdir())}
    free = {f"{what} {folder}": shutil.disk_usage(folder).free for what, folder in places.items() if folder.is_dir()}
    return min(free, key=lambda place: free[place], default="")
