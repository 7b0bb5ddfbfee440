"""The standard streams of this process: lines with colours for people, and plain ones for programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from mvlock.commands.console import Part

# Names and messages come from outside; none of them may control the terminal.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}
_ASCII = {ord("→"): "->", ord("…"): "..."}


class Streams:
    """Standard output and standard error; rich is imported only if there are colours, or something was drawn."""

    def __init__(self, color: str = "auto") -> None:
        self._color = color
        self._rich: RichConsole | None = None
        self._subject: str | None = None
        self._kept: list[str] | None = None
        self._is_headed = False

    @property
    def can_draw(self) -> bool:
        """Whether standard error is a terminal that a person watches, where the cursor can be moved."""
        return (
            sys.stderr is not None
            and sys.stderr.isatty()
            and os.environ.get("TERM") != "dumb"
            and not os.environ.get("CI")
        )

    @contextmanager
    def about(self, subject: str, kept: list[str] | None) -> Iterator[None]:
        """Say meanwhile what lines are about: each message begins with it, on standard output it is a heading.

        Further lines of a message are indented below it. ``kept`` takes the lines for standard output instead.
        """
        self._subject, self._kept, self._is_headed = subject, kept, False
        try:
            yield
        finally:
            self._subject, self._kept = None, None

    def write(self, stream: TextIO | None, parts: tuple[Part, ...]) -> None:
        """Write a line; nowhere if the stream was closed before this process began."""
        if stream is None:
            return
        if self._subject is None:
            self._write(stream, parts)
        elif stream is sys.stderr:
            self._write(stream, ((f"{self._subject}: ", "bold"), *map(_indented, parts)) if any(parts) else parts)
        elif self._kept is not None:
            self._kept.append("".join(part if isinstance(part, str) else part[0] for part in parts))
        else:
            if not self._is_headed:
                self._write(stream, ((f"{self._subject}:", "bold"),))
            self._is_headed = True
            self._write(stream, parts)

    def _write(self, stream: TextIO, parts: tuple[Part, ...]) -> None:
        known = _CONTROLS if _is_unicode(stream) else _CONTROLS | _ASCII
        styled = [(part, "") if isinstance(part, str) else part for part in parts]
        safe = [(text.translate(known), style) for text, style in styled]
        if self._is_coloured(stream):
            self._print(stream, safe)
        elif self._rich is not None and stream is sys.stderr:
            self._print(stream, [(text, "") for text, _ in safe])
        else:
            stream.write("".join(text for text, _ in safe) + "\n")

    def rich_console(self) -> RichConsole:
        """The only rich console for standard error, so that lines and bars do not disturb each other."""
        if self._rich is None:
            self._rich = self._make_console(sys.stderr)
        return self._rich

    def _is_coloured(self, stream: TextIO) -> bool:
        if self._color == "auto":
            return _wants_color(stream)
        return self._color == "always"

    def _print(self, stream: TextIO, parts: list[tuple[str, str]]) -> None:
        from rich.text import Text

        console = self.rich_console() if stream is sys.stderr else self._make_console(stream)
        console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)

    def _make_console(self, stream: TextIO) -> RichConsole:
        from rich.console import Console as RichConsole

        colored = self._is_coloured(stream)
        return RichConsole(file=stream, force_terminal=True if colored else None, no_color=not colored, highlight=False)


def _indented(part: Part) -> Part:
    """The text with all lines after the first one indented."""
    text, style = (part, "") if isinstance(part, str) else part
    first, *others = text.split("\n")
    return "\n".join([first, *(line and f"  {line}" for line in others)]), style


def _wants_color(stream: TextIO) -> bool:
    """What the environment says: ``NO_COLOR``, else ``FORCE_COLOR`` or ``CLICOLOR_FORCE``, else the terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _is_unicode(stream: TextIO) -> bool:
    """Whether it takes any character; one that keeps text, as a caller in this process may pass it, has no encoding."""
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")
