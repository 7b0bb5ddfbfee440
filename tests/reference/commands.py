"""docs/reference/commands.md: every command with its arguments, from the parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from mvlock.commands.command_table import COMMANDS
from mvlock.commands.option_groups import add_global

_HEAD = """\
# Commands

Every command, with its arguments and options. Made by `python -m tests.reference` from the command line parser.
Examples and details are in the [guide](../guide.md#commands), exit codes [there too](../guide.md#exit-codes).
"""


def commands_page() -> str:
    """The text of the page."""
    overview = [f"| [`mvlock {name}`](#mvlock-{name}) | {text} |" for name, (text, _) in COMMANDS.items()]
    sections = [_section(name) for name in COMMANDS]
    parser = empty_parser()
    add_global(parser)
    common = ["\n## Global options\n", "Every command has them, before or after its name.\n", *_table(parser)]
    return "\n".join([_HEAD, "| Command | |", "|---|---|", *overview, *sections, *common, ""])


def options_of(name: str) -> argparse.ArgumentParser:
    """A parser with the arguments of one command."""
    parser = empty_parser()
    COMMANDS[name][1](parser)
    return parser


def empty_parser() -> argparse.ArgumentParser:
    """A parser without arguments."""
    return argparse.ArgumentParser(add_help=False)


def _section(name: str) -> str:
    more = f"[More in the guide](../guide.md#mvlock-{name})."
    lines = [f"\n## mvlock {name}\n", f"{COMMANDS[name][0]} {more}", *_table(options_of(name))]
    return "\n".join(lines)


def _table(parser: argparse.ArgumentParser) -> Iterator[str]:
    actions = parser._actions  # argparse has no public way to list what was added
    if actions:
        yield from ("\n| | |", "|---|---|")
    for action in actions:
        yield f"| {_names(action)} | {_meaning(action)} |"


def _names(action: argparse.Action) -> str:
    value = action.metavar or ("" if action.choices or action.nargs == 0 else action.dest.upper())
    if not action.option_strings:
        return f"`{value or action.dest.upper()}`".replace("|", "\\|")
    if action.nargs == 0 or not value:
        return ", ".join(f"`{name}`" for name in action.option_strings)
    return ", ".join(f"`{name} {value}`" for name in action.option_strings).replace("|", "\\|")


def _meaning(action: argparse.Action) -> str:
    parts = [str(action.help)] if action.help else []
    if action.choices and not action.metavar:
        parts.append(f"one of {', '.join(f'`{choice}`' for choice in action.choices)}")
    if isinstance(action, argparse._AppendAction) and "repeatable" not in str(action.help):
        parts.append("repeatable")
    return "; ".join(parts).replace("|", "\\|")
