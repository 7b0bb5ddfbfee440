"""The manual page, mvlock(1): what help says, in the language of ``man``. A build writes it (.ci/build_hook.py)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from mvlock import __version__
from mvlock.commands.arguments import command_parser, parser_of
from mvlock.commands.help_pages import EXIT_CODES, HEADINGS, PAGES
from mvlock.commands.help_text import HelpFormatter, arguments_text, description, summary

_PROGRAM = "mvlock"
_GLOBAL = "global options"


def manual() -> str:
    """The text of the page; it has no date, so that equal sources give equal pages."""
    return "\n".join([f'.TH MVLOCK 1 "" "mvlock {__version__}" "User commands"', *_sections(), ""])


def _sections() -> Iterator[str]:
    root = parser_of([])
    yield from (
        ".SH NAME",
        rf"mvlock \- {_escaped((root.description or '').rstrip('.'))}",
        ".SH SYNOPSIS",
        ".B mvlock COMMAND",
    )
    yield _escaped("[OPTION …]")
    for heading, names in HEADINGS.items():
        yield f'.SH "{heading.upper()}"'
        for name in names:
            yield from _item(name, summary(name))
    yield ".SH COMMANDS"
    for name in PAGES:
        yield from _command(name)
    yield f'.SH "{_GLOBAL.upper()}"'
    yield from _formatted(root)
    yield '.SH "EXIT STATUS"'
    for code, meaning in EXIT_CODES.items():
        yield from _item(str(code), meaning)


def _command(name: str) -> Iterator[str]:
    parser = command_parser(name)
    parser.description = description(name)
    yield from _formatted(parser)
    yield from (".P", "Examples:", ".RS", ".nf")
    yield from (_escaped(f"mvlock {example}") for example in PAGES[name].examples)
    yield from (".fi", ".RE")


def _formatted(parser: argparse.ArgumentParser) -> list[str]:
    """The lines on one command, or of ``mvlock`` itself: the global options."""
    parser.formatter_class = _Roff
    return argparse.ArgumentParser.format_help(parser).splitlines()


class _Roff(HelpFormatter):
    """Writes what argparse formats in the language of ``man``; global options once, for ``mvlock`` itself."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._lines: list[str] = []
        self._is_shown = True

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[object],
        prefix: str | None = None,
    ) -> None:
        """The heading of a command."""
        if self._prog != _PROGRAM:
            self._lines.append(f'.SS "{_escaped(f"{self._prog} {arguments_text(actions)}")}"')

    def add_text(self, text: str | None) -> None:
        """A paragraph."""
        if text and self._prog != _PROGRAM:
            self._lines.append(_escaped(text))

    def start_section(self, heading: str | None) -> None:
        """A group of options."""
        self._is_shown = (heading == _GLOBAL) == (self._prog == _PROGRAM)

    def end_section(self) -> None:
        """Nothing follows a group."""

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        """The options of a group."""
        for action in actions if self._is_shown else ():
            self._lines += _item(self._format_action_invocation(action), action.help or "")

    def format_help(self) -> str:
        """All lines."""
        return "\n".join(self._lines)


def _item(term: str, text: str) -> Iterator[str]:
    yield from (".TP", f".B {_escaped(term)}", _escaped(text))


def _escaped(text: str) -> str:
    """Text that ``man`` prints as it is: in ASCII, with hyphens that can be searched and copied."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    text = "".join(char if char.isascii() else rf"\[u{ord(char):04X}]" for char in text)
    return rf"\&{text}" if text[:1] in {".", "'"} else text
