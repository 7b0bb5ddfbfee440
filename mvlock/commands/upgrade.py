"""``mvlock upgrade [NAME…]``: newer versions in mv.lock, installed."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands import install, resolve
from mvlock.commands.options import Context, option_values


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve`` does with ``--upgrade`` (or ``--upgrade-package``), then what ``install`` does."""
    everything = not arguments.upgrade_package and not arguments.upgrade_tree
    resolving = Namespace(**vars(arguments), upgrade=everything, check=False, json=False)
    code = resolve.execute(resolving, context)
    if code or arguments.dry_run or option_values(arguments).flag("no_install"):
        return code
    return install.execute(Namespace(**vars(arguments), frozen=False, locked=False), context)
