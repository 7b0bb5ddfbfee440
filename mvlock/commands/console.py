"""Where text goes: data to standard output, messages and progress to standard error; rich is only for colours.

``Console`` is the ``Reporter`` of all layers (mvlock/progress.py).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from mvlock.progress import SilentTask, Task

if TYPE_CHECKING:
    from rich.console import Console as RichConsole

    from mvlock.commands.bars import Bars
    from mvlock.commands.options import Options

Part = str | tuple[str, str]
"""Text, or text with a rich style."""

# Names and messages come from outside; none of them may control the terminal.
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


class Console:
    """The output of one run, for a person or a program."""

    def __init__(self) -> None:
        self._quiet = False
        self._verbose = False
        self._color = "auto"
        self._progress = True
        self._rich: RichConsole | None = None
        self._bars: Bars | None = None

    def configure(self, options: Options) -> None:
        """Apply the options of the command line from now on."""
        self._quiet = options.quiet
        self._verbose = options.verbose
        self._color = options.color
        self._progress = options.progress and not options.quiet
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    @property
    def verbose(self) -> bool:
        """Whether ``-v`` was given."""
        return self._verbose

    def data(self, *parts: Part) -> None:
        """A line of the answer itself, to standard output; coloured for people only."""
        self._line(sys.stdout, parts)

    def info(self, *parts: Part) -> None:
        """A message, to standard error; silent with ``-q``."""
        if not self._quiet:
            self._line(sys.stderr, parts)

    def error(self, *parts: Part) -> None:
        """A line that even ``-q`` shows."""
        self._line(sys.stderr, parts)

    def note(self, text: str) -> None:
        """A line that users should see once."""
        self.info(("note: ", "bold yellow"), text)

    def detail(self, text: str) -> None:
        """A line for ``-v`` only."""
        if self._verbose:
            self.info((text, "dim"))

    def task(self, title: str, total: int | None = None) -> Task:
        """A task, shown as a bar on a terminal and not at all elsewhere."""
        if not self._progress or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            return SilentTask()
        if self._bars is None:
            from mvlock.commands.bars import Bars

            self._bars = Bars(self._rich_console())
        return self._bars.start(title, total)

    def close(self) -> None:
        """Remove what is still drawn."""
        if self._bars is not None:
            self._bars.stop()

    def flush(self) -> None:
        """Remove what is drawn, and flush so that a broken pipe raises its error now."""
        self.close()
        sys.stdout.flush()

    def _line(self, stream: TextIO, parts: tuple[Part, ...]) -> None:
        styled = [(part, "") if isinstance(part, str) else part for part in parts]
        safe = tuple((text.translate(_CONTROLS), style) for text, style in styled)
        if self._is_coloured(stream):
            self._print(stream, safe)
        else:
            stream.write("".join(text for text, _ in safe) + "\n")

    def _is_coloured(self, stream: TextIO) -> bool:
        if self._color == "auto":
            return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return self._color == "always"

    def _print(self, stream: TextIO, parts: tuple[tuple[str, str], ...]) -> None:
        from rich.text import Text

        console = self._rich_console() if stream is sys.stderr else self._make_console(stream)
        console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)

    def _rich_console(self) -> RichConsole:
        """The only rich console for standard error, so that lines and bars do not disturb each other."""
        if self._rich is None:
            self._rich = self._make_console(sys.stderr)
        return self._rich

    def _make_console(self, stream: TextIO) -> RichConsole:
        from rich.console import Console as RichConsole

        colored = self._is_coloured(stream)
        return RichConsole(file=stream, force_terminal=True if colored else None, no_color=not colored, highlight=False)
