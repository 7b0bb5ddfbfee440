"""``mvlock check``: whether mv.lock matches pyproject.toml, and what is installed matches mv.lock."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands import resolve
from mvlock.commands.arguments import arguments_for
from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve --check`` and ``verify`` do; the first that fails says what is wrong.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``, ``verification-failed``
    """
    resolve.execute(arguments_for("resolve", check=True, environ=arguments.environ), context)
    from mvlock.commands import verify

    return verify.execute(arguments_for("verify", arguments), context)
