"""``mvlock upgrade [NAME…]``: newer versions in mv.lock, installed."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress

from mvlock.base.freshness import content_hash
from mvlock.commands import install, resolve
from mvlock.commands.arguments import arguments_for
from mvlock.commands.options import Context, option_values


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve`` does with ``--upgrade`` (or ``--upgrade-package``), then what ``install`` does."""
    lock = context.options.root / "mv.lock"
    before = content_hash(lock)
    try:
        return _upgrade(arguments, context)
    except KeyboardInterrupt:
        if content_hash(lock) != before:
            with suppress(OSError):  # the terminal may be gone
                text = "mv.lock has changed, and what is installed may not match it"
                context.console.note(f"{text}: `mvlock install` finishes the upgrade")
        raise


def _upgrade(arguments: Namespace, context: Context) -> int:
    everything = not arguments.upgrade_package and not arguments.upgrade_tree
    code = resolve.execute(arguments_for("resolve", arguments, upgrade=everything), context)
    if code or arguments.dry_run or option_values(arguments).flag("no_install"):
        return code
    return install.execute(arguments_for("install", arguments), context)
