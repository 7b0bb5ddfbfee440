"""``mvlock verify``: whether py_modules/ and app/ are what mv.lock says, down to every file."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.installing import install_request
from mvlock.commands.options import Context, option_values
from mvlock.commands.workspace import open_workspace
from mvlock.operations.installing import verify


def execute(arguments: Namespace, context: Context) -> int:
    """Check every file; prints a single line if everything is right.

    :raises UnmetRequest: ``verification-failed``
    """
    workspace = open_workspace(context.options)
    project, lock = workspace.project, workspace.current_lock(frozen=option_values(arguments).flag("frozen"))
    verify(project, lock, install_request(option_values(arguments), project, lock), context.machine)
    context.console.info(f"Verified {project.modules}/ and {project.app}/: both match mv.lock")
    return 0
