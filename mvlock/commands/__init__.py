"""The command line: what people type becomes calls of the stages, what stages say becomes text.

Nothing heavy is imported before the command is known, so that ``--version`` and ``--help`` answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from mvlock.commands.arguments import parse
from mvlock.commands.console import Console
from mvlock.commands.failure import report, wants_json
from mvlock.commands.options import Shell, read_options

if TYPE_CHECKING:
    from argparse import Namespace


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (interface: 0, 1, 2, 3, 4, 70; 130 when interrupted)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    console = Console()
    try:
        code = _run(arguments, console)
        console.flush()
    except Exception as error:  # the last door: whatever comes out is told in one message
        return report(error, console, as_json=wants_json(arguments))
    except KeyboardInterrupt:
        console.close()
        return 130
    return code


def _run(argv: list[str], console: Console) -> int:
    arguments = parse(argv)
    if arguments is None:
        return 2
    options = read_options(arguments)
    console.configure(options)
    return _command(arguments.command)(arguments, Shell(options, console))


def _command(name: str) -> Callable[[Namespace, Shell], int]:
    """The ``execute`` of a command's module, which is loaded now."""
    execute: Callable[[Namespace, Shell], int] = import_module(f"mvlock.commands.{name}").execute
    return execute
