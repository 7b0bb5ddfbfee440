"""The command line as a namespace, and help. Few imports on purpose."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from mvlock import __version__
from mvlock.commands.command_table import COMMANDS
from mvlock.commands.option_groups import add_global
from mvlock.errors import LocalError

_INVALID_CHOICE = re.compile(r"argument COMMAND: invalid choice: '(.*?)'")


class _FormatterForChecks(argparse.HelpFormatter):
    """The formatter with which argparse checks every option as it is added; it need not query the terminal for that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)

    if sys.version_info[:2] == (3, 14):

        def _set_color(self, *_: object) -> None:
            """Prepare no colours: that imports dataclasses and inspect. 3.15 defers it until they are used."""


class _Parser(argparse.ArgumentParser):
    """Raises our errors instead of printing argparse's text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_FormatterForChecks, **options)

    def format_help(self) -> str:
        """The help text, as wide as the terminal."""
        self.formatter_class = argparse.HelpFormatter
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """:raises LocalError: ``usage``."""
        unknown = _INVALID_CHOICE.match(message)
        if unknown:
            raise _unknown_command(unknown[1])
        raise LocalError("usage", message, hint=f"`{self.prog} --help` shows the usage")


def parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """The command line as a namespace with ``command``; None (and help on standard error) without a command.

    :raises LocalError: ``usage``
    :raises SystemExit: after ``--help`` and ``--version``
    """
    parser = _build(argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        program = f"mvlock {arguments.command}" if arguments.command else "mvlock"
        text = f"unrecognized arguments: {' '.join(unknown)}"
        raise LocalError("usage", text, hint=f"`{program} --help` shows the usage")
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return None
    return arguments


def _build(argv: Sequence[str]) -> _Parser:
    """A parser for ``argv``; it need not understand other command lines."""
    parser = _Parser(prog="mvlock", description="Several versions of one library in one Python process.")
    parser.add_argument("--version", action="version", version=f"mvlock {__version__}")
    add_global(parser)
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND", title="commands")
    for name in _commands_in(argv):
        text, add = COMMANDS[name]
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--version", action="version", version=f"mvlock {__version__}")
        add(command)
        add_global(command)
    return parser


def _commands_in(argv: Sequence[str]) -> list[str]:
    """The commands that ``argv`` may mean: those that one of its words names, or all if help may list them."""
    named = [name for name in COMMANDS if name in argv]
    wants_help = any(word == "--help" or (word[:1] == "-" != word[1:2] and "h" in word) for word in argv)
    return list(COMMANDS) if wants_help or not named else named


def _unknown_command(name: str) -> LocalError:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1)
    known = ", ".join(COMMANDS)
    hint = f"did you mean `mvlock {near[0]}`?" if near else f"commands are {known}"
    return LocalError("usage", f"there is no command '{name}'", hint=hint)
