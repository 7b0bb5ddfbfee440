"""``mvlock check``: whether mv.lock matches pyproject.toml, and what is installed matches mv.lock."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands import resolve, verify
from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve --check`` and ``verify`` do; the first that fails says what is wrong.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``, ``verification-failed``
    """
    only_check = Namespace(check=True, dry_run=False, json=False)
    return resolve.execute(only_check, context) or verify.execute(arguments, context)
