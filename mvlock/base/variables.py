"""What environment variables say, as far as many need it. Few imports: every command asks."""

from __future__ import annotations

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
