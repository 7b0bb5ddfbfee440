"""Locking the cache: any number of processes may use it at once, but none while something is removed from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from mvlock.base.variables import belongs_to_others

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from mvlock.operations.machine import Machine


@contextmanager
def locked_cache(machine: Machine, *, removing: bool = False) -> Iterator[None]:
    """Lock the cache: shared, but exclusively for ``removing`` things. One that cannot be opened is not locked."""
    from mvlock.base.drafts import remove_abandoned_drafts
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
    remove_abandoned_drafts(cache)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def check_owner(cache: Path) -> None:
    """Check that nobody but root and this user decides what is in a cache that nobody has named.

    :raises LocalError: ``file-system``
    """
    if belongs_to_others(cache):
        from mvlock.errors import LocalError

        text = f"the cache {cache} belongs to another user, who decides what is in it"
        hint = "`sudo -H` uses root's own cache; to use this one anyway, name it with `--cache-dir`"
        raise LocalError("file-system", text, hint=hint)
