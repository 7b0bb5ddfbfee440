"""What environment variables say, as far as many need it. Few imports: every command asks."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_OFF = ("", "0", "false", "no", "off")


def ignores_configuration(environ: Mapping[str, str]) -> bool:
    """Whether ``MVLOCK_NO_CONFIG`` is on: only projects and variables count, no file of the user or the machine."""
    return environ.get("MVLOCK_NO_CONFIG", "").strip().lower() not in _OFF


def cache_by_variables(environ: Mapping[str, str]) -> str | None:
    """The default folder of the cache, where platformdirs puts it; None where only that can say (not on Linux)."""
    for name, below in (("XDG_CACHE_HOME", ""), ("HOME", "/.cache")) if sys.platform == "linux" else ():
        folder = environ.get(name, "")
        if folder.startswith("/"):
            return f"{folder}{below}/mvlock"
    return None


def belongs_to_others(folder: str | os.PathLike[str]) -> bool:
    """Whether somebody else than root and this user decides what is in a folder."""
    try:
        owner = os.stat(folder).st_uid  # noqa: PTH116  # whenever a command starts
    except OSError:
        return False
    return os.name != "nt" and owner not in {0, os.geteuid()}
