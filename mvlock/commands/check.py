"""``mvlock check``: whether mv.lock matches pyproject.toml and its policy, and what is installed matches mv.lock."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands import resolve
from mvlock.commands.arguments import arguments_for
from mvlock.commands.lock_request import lock_request
from mvlock.commands.options import Context, option_values
from mvlock.commands.workspace import open_workspace


def execute(arguments: Namespace, context: Context) -> int:
    """Do what ``resolve --check`` and ``verify`` do; the first that fails says what is wrong.

    :raises UnmetRequest: ``lock-missing``, ``lock-stale``, ``verification-failed``, ``policy-violated``
    """
    resolve.execute(arguments_for("resolve", check=True, environ=arguments.environ), context)
    from mvlock.commands import verify
    from mvlock.commands.policy_check import check_licenses

    verify.execute(arguments_for("verify", arguments), context)
    workspace = open_workspace(context.options)
    check_licenses(workspace.project, workspace.current_lock(), lock_request(option_values(arguments)), context)
    return 0
