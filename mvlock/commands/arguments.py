"""The command line as a namespace, and help. Few imports on purpose."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from mvlock.commands.command_table import COMMANDS, FOR_ALL_MEMBERS, SYNONYMS
from mvlock.commands.option_groups import add_global
from mvlock.errors import LocalError

_FOR_ALL = "in the root of a workspace, `{}` is for all members without it"
_INVALID_CHOICE = re.compile(r"argument COMMAND: invalid choice: '(.*?)'")


class _FormatterForChecks(argparse.HelpFormatter):
    """The formatter with which argparse checks every option as it is added; it need not query the terminal for that."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=80)

    if sys.version_info[:2] == (3, 14):

        def _set_color(self, *_: object) -> None:
            """Prepare no colours: that imports dataclasses and inspect. 3.15 defers it until they are used."""


class _Parser(argparse.ArgumentParser):
    """Raises our errors instead of printing argparse's text. ``command``: whose options it reads; None: mvlock's."""

    command: str | None = None

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_FormatterForChecks, **options)

    def format_help(self) -> str:
        """The help text, as wide as the terminal."""
        from mvlock.commands import help_text

        self.formatter_class = help_text.HelpFormatter
        if self.command is None:
            return super().format_help()
        self.description = help_text.description(self.command)
        return super().format_help() + help_text.tail(self.command, help_text.width())

    def error(self, message: str) -> NoReturn:
        """:raises LocalError: ``usage``."""
        unknown = _INVALID_CHOICE.match(message)
        if unknown:
            from mvlock.commands.words import unknown_command

            raise unknown_command(unknown[1])
        raise LocalError("usage", message, hint=f"`{self.prog} --help` shows the usage")


def parse(argv: Sequence[str]) -> argparse.Namespace | None:
    """The command line as a namespace with ``command``; None (and help on standard error) without a command.

    :raises LocalError: ``usage``
    :raises SystemExit: after ``--help`` and ``--version``
    """
    if "_ARGCOMPLETE" in os.environ:  # a shell asks
        from mvlock.commands.completions import complete

        complete(parser_of([*COMMANDS, *SYNONYMS]))
    parser = _build(argv)
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        program = f"mvlock {arguments.command}" if arguments.command else "mvlock"
        text = f"unrecognized arguments: {' '.join(unknown)}"
        for_all = "--all-packages" in unknown and arguments.command in FOR_ALL_MEMBERS
        hint = f"`{program} --help` shows the usage"
        raise LocalError("usage", text, hint=_FOR_ALL.format(program) if for_all else hint)
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return None
    return arguments


def _build(argv: Sequence[str]) -> _Parser:
    """A parser for ``argv``; it need not understand other command lines."""
    return parser_of([word for word in (*COMMANDS, *SYNONYMS) if word in argv])


def parser_of(words: Iterable[str]) -> _Parser:
    """A parser that understands these commands and synonyms."""
    parser = _Parser(prog="mvlock", description="Several versions of one library in one Python process.")
    commands = parser.add_subparsers(prog=parser.prog, dest="command", metavar="COMMAND", title="commands")
    for word in words:
        name = SYNONYMS.get(word, word)
        _add_options(commands.add_parser(word, help=COMMANDS[name][0]), name)
    add_global(parser)
    return parser


def command_parser(name: str) -> argparse.ArgumentParser:
    """A parser for what follows the name of a command."""
    return _add_options(_Parser(prog=f"mvlock {name}"), name)


def arguments_for(name: str, given: argparse.Namespace | None = None, **values: object) -> argparse.Namespace:
    """The arguments of a command that another one runs: its defaults, what was given for the other, and ``values``."""
    defaults = command_parser(name).parse_args([])
    return argparse.Namespace(**{**vars(defaults), **(vars(given) if given is not None else {}), **values})


def _add_options(parser: _Parser, name: str) -> _Parser:
    parser.command = name
    COMMANDS[name][1](parser)
    add_global(parser, for_all_members=name in FOR_ALL_MEMBERS)
    parser.set_defaults(command=name)
    return parser
