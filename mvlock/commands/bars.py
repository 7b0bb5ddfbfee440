"""Steps on a terminal. Imports rich, so it is imported only when the first line is drawn.

A line per step, in columns: what is being done, how far it is (a bar and numbers), how fast or how long, and what
is in progress. No line is longer than the terminal is wide.
"""

from __future__ import annotations

import threading
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.text import Text

from mvlock.commands.amounts import formatted_time
from mvlock.commands.steps import Step, Steps

_PAUSE: Final = 0.1
_TITLE, _AMOUNT, _SHORT_AMOUNT, _RATE = 11, 17, 8, 11
_NARROW = 60
_SMALL_ITEM = 6


class Bars:
    """The steps of one run, drawn again and again in the same place."""

    def __init__(self, console: Console, steps: Steps) -> None:
        self._console = console
        self._steps = steps
        ascii_only = console.options.ascii_only
        self._spinner = Spinner("line" if ascii_only else "dots")
        self._ellipsis = "..." if ascii_only else "…"

    def run(self, stopped: threading.Event) -> None:
        """See ``View``."""
        with Live(
            console=self._console,
            get_renderable=self._lines,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as live:
            live.refresh()
            while not stopped.wait(_PAUSE):
                live.refresh()

    def _lines(self) -> Group:
        steps, hidden = self._steps.shown()
        lines = [self._line(step) for step in steps]
        if hidden:
            lines.append(Text(f"  {self._ellipsis} and {hidden} more", "dim"))
        return Group(*lines)

    def _line(self, step: Step) -> Text:
        width = self._console.width - 1
        line = Text(no_wrap=True, overflow="crop")
        line.append(str(self._spinner.render(self._console.get_time())), "cyan")
        line.append(" " + self._cut(step.title, _TITLE))
        (self._add_known if step.total else self._add_unknown)(line, step, width)
        return line

    def _add_known(self, line: Text, step: Step, width: int) -> None:
        """A bar, how much, how fast, and what."""
        is_narrow = width < _NARROW
        amount = step.short_amount.rjust(_SHORT_AMOUNT) if is_narrow else step.amount.rjust(_AMOUNT)
        numbers = f" {amount}{(step.rate() or formatted_time(step.elapsed())).rjust(_RATE)}"
        room = width - line.cell_len - len(numbers) - 1
        bar = room if is_narrow else min(max(room // 2, 8), 30)
        if bar > 0:
            line.append(" ")
            line.append_text(self._bar(step, bar))
        line.append(numbers)
        if width - line.cell_len > _SMALL_ITEM:
            line.append("  " + self._cut(step.detail, width - line.cell_len - 2), "dim")

    def _add_unknown(self, line: Text, step: Step, width: int) -> None:
        """What, and for how long."""
        time = formatted_time(step.elapsed()).rjust(_RATE)
        line.append(" " + self._cut(step.detail, width - line.cell_len - 1 - len(time)), "dim")
        line.append(time)

    def _bar(self, step: Step, width: int) -> Text:
        bar = ProgressBar(total=step.total, completed=min(step.done, step.total or 0), width=width)
        parts = [(one.text, one.style or "") for one in self._console.render(bar)]
        text = Text.assemble(*parts)
        text.pad_right(width - text.cell_len)
        return text

    def _cut(self, text: str, width: int) -> str:
        """The text in exactly ``width`` cells; what is cut off is marked."""
        if cell_len(text) <= width:
            return set_cell_size(text, width)
        mark = self._ellipsis[: max(0, width)]
        return set_cell_size(text, width - len(mark)) + mark
