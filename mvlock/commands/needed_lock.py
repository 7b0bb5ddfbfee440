"""The lock that ``install`` and ``run`` install: the existing one, or one that is made now."""

from __future__ import annotations

from mvlock.commands.options import Context, OptionValues
from mvlock.lock.model import Lock
from mvlock.operations.opened_project import OpenedProject


def needed_lock(opened: OpenedProject, options: OptionValues, context: Context, *, renews: bool = False) -> Lock:
    """The lock to install. One that is missing is made, and if the command ``renews`` it, one that is stale.

    Neither with ``--locked``; ``--frozen`` takes a stale one as it is.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``
    """
    frozen = options.flag("frozen") and not options.arguments.locked
    is_unusable = opened.is_stale if renews else opened.lock is None
    if frozen or options.flag("locked") or not is_unusable:
        return opened.current_lock(frozen=frozen)
    return _made_lock(opened, options, context)


def _made_lock(opened: OpenedProject, options: OptionValues, context: Context) -> Lock:
    """A new lock, which is also written, unless it is a dry run."""
    from mvlock.commands.changes import change_lines, lock_changes
    from mvlock.commands.lock_request import lock_request
    from mvlock.commands.resolving import show_locked
    from mvlock.operations.resolving import resolved_lock, save_lock

    context.console.info(opened.resolving_message)
    lock = resolved_lock(opened, lock_request(options), context.machine)
    if not getattr(options.arguments, "dry_run", False):
        save_lock(opened, lock)
        if not opened.has_cached_lock:
            changed = len(change_lines(lock_changes(opened.lock, lock)))
            show_locked(opened.lock_name, lock, changed, context)
    return lock
