"""``mvlock completion SHELL``: the script by which a shell completes command lines."""

from __future__ import annotations

from argparse import Namespace

from argcomplete.shell_integration import shellcode

from mvlock.commands.options import Context


def execute(arguments: Namespace, context: Context) -> int:
    """Print the script; what it completes is asked of ``mvlock`` each time (``completions``)."""
    context.console.data(shellcode(["mvlock"], shell=arguments.shell).strip("\n"))
    return 0
