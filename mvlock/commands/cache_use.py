"""Who uses the cache: any number of commands at once, but nobody while things are removed from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from mvlock.commands.options import Shell


@contextmanager
def using_cache(arguments: Namespace, shell: Shell) -> Iterator[None]:
    """Hold the cache while a command runs; ``cache clean`` and ``cache prune`` hold it alone.

    The command that ``mvlock run`` becomes does not hold it. A cache that cannot be opened is not held.
    """
    from mvlock.base.locks import lock_folder

    cache = shell.options.cache
    removing = arguments.command == "cache" and arguments.action in {"clean", "prune"}

    def waiting() -> None:
        what = "another mvlock that uses" if removing else "another mvlock that removes things from"
        shell.console.note(f"waiting for {what} the cache {cache}")

    handle = None
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)  # who removes things holds it too: it could come to be meanwhile
        handle = lock_folder(cache, waiting, shared=not removing)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
