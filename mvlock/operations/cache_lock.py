"""Locking the cache: any number of processes may use it at once, but none while something is removed from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mvlock.operations.machine import Machine


@contextmanager
def locked_cache(machine: Machine, *, removing: bool = False) -> Iterator[None]:
    """Lock the cache: shared, but exclusively for ``removing`` things. One that cannot be opened is not locked."""
    from mvlock.base.locks import lock_folder

    cache, reporter, stack = machine.cache, machine.reporter, ExitStack()

    def waiting() -> None:
        other = "another mvlock process that uses" if removing else "another mvlock process that removes things from"
        reporter.note(f"waiting for {other} the cache {cache}")
        stack.enter_context(reporter.task("Waiting", item="for another mvlock process"))

    handle = None
    with stack, suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)  # also to remove things: another process could create it meanwhile
        handle = lock_folder(cache, waiting, shared=not removing)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)
