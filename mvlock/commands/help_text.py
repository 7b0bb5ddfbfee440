"""Help as text: as wide as the terminal, within limits."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

from mvlock.commands.command_table import COMMANDS, SYNONYMS
from mvlock.commands.help_pages import HEADINGS, PAGES

_NARROWEST, _WIDEST = 40, 120


def width() -> int:
    """The columns that help may use."""
    return min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)


def summary(name: str) -> str:
    """What a command does in a line, with the other words for it."""
    text, _ = COMMANDS[name]
    others = [word for word, command in SYNONYMS.items() if command == name]
    return f"{text.removesuffix('.')} (also: {', '.join(others)})." if others else text


def description(name: str) -> str:
    """What a command does in a paragraph."""
    return f"{summary(name)} {PAGES[name].text}"


def tail(name: str, columns: int) -> str:
    """Examples, and where to read on."""
    lines = [line for example in PAGES[name].examples for line in _folded(f"mvlock {example}", columns - 2)]
    return "\n".join(["", "examples:", *(f"  {line}" for line in lines), "", f"guide: {guide(name)}", ""])


def guide(name: str) -> str:
    """The section of the guide on a command."""
    return f"docs/guide.md#mvlock-{name}"


def _folded(command: str, columns: int) -> Iterator[str]:
    """A command line as lines that a shell joins again."""
    line, *words = shlex.split(command, posix=False)
    for word in words:
        if len(f"{line} {word} \\") > columns:
            yield f"{line} \\"
            line = f"  {word}"
        else:
            line = f"{line} {word}"
    yield line


class HelpFormatter(argparse.HelpFormatter):
    """Commands are listed below their headings, options with their values once."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=width())

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[object],
        prefix: str | None = None,
    ) -> None:
        """Name what is not optional; the options are listed below."""
        text = f"usage: {self._prog} {arguments_text(actions)}"
        super().add_usage(textwrap.fill(text, self._width, subsequent_indent=" " * 7), [], [], prefix="")

    def add_argument(self, action: argparse.Action) -> None:
        """Add an argument; instead of the one for commands, all commands."""
        if action.dest != "command":
            super().add_argument(action)
            return
        for heading, names in HEADINGS.items():
            self.start_section(heading)
            for name in names:
                super().add_argument(argparse.Action([], name, metavar=name, help=summary(name)))
            self.end_section()

    if sys.version_info < (3, 13):

        def _format_action_invocation(self, action: argparse.Action) -> str:
            """As later versions do it: ``-o, --output FILE``."""
            if not action.option_strings or action.nargs == 0:
                return super()._format_action_invocation(action)
            value = self._format_args(action, action.dest.upper())
            return f"{', '.join(action.option_strings)} {value}"


def arguments_text(actions: Iterable[argparse.Action]) -> str:
    """What follows the name of a command: ``[OPTION …] [TREE …]``."""
    return " ".join(["[OPTION …]", *(_form(action) for action in actions if not action.option_strings)])


def _form(action: argparse.Action) -> str:
    name = action.metavar or "|".join(action.choices or ())
    forms = {"?": f"[{name}]", "*": f"[{name} …]", "+": f"{name} …", argparse.PARSER: f"{name} …"}
    return forms.get(str(action.nargs), str(name))
