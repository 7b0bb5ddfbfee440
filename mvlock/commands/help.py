"""``mvlock help [COMMAND]``: what ``--help`` prints."""

from __future__ import annotations

from argparse import Namespace

from mvlock.commands.arguments import parse
from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Print the help of mvlock, or of one command.

    :raises LocalError: ``usage``: there is no such command
    :raises SystemExit: 0, after the help
    """
    parse([*arguments.topic, "--help"])
    return 0
