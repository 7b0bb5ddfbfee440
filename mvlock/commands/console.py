"""Where text goes: data to standard output, messages and progress to standard error.

``Console`` is the ``Reporter`` of all layers (mvlock/progress.py).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mvlock.commands.shortening import shortened
from mvlock.commands.streams import Streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mvlock.commands.log_file import LogFile
    from mvlock.commands.options import Options
    from mvlock.commands.steps import Step, Steps, View
    from mvlock.progress import Task

Part = str | tuple[str, str]
"""Text, or text with a rich style."""


class Console:
    """The output of one run, for a person or a program."""

    def __init__(self) -> None:
        self._begun = self._summed_up = time.monotonic()
        self._quiet = False
        self._verbose = False
        self._streams = Streams()
        self._progress = True
        self._steps: Steps | None = None
        self._log: LogFile | None = None

    def configure(self, options: Options, log: LogFile | None = None) -> None:
        """Apply the options of the command line from now on."""
        self._quiet = options.quiet
        self._verbose = options.verbose
        self._streams = Streams(options.color)
        self._progress = options.progress and not options.quiet
        self._log = log
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    @property
    def totals(self) -> Mapping[str, int]:
        """What was counted in this run so far, by name; 0 for anything else."""
        return self._all_steps().totals

    def lap(self) -> str:
        """The time since the run began, or since the last call: what a summary is about. ``2.1 s``."""
        from mvlock.commands.amounts import formatted_time

        before, self._summed_up = self._summed_up, time.monotonic()
        return formatted_time(self._summed_up - before)

    def data(self, *parts: Part) -> None:
        """A line of the answer itself, to standard output; coloured for people only."""
        self.close()
        self._streams.write(sys.stdout, parts)

    def info(self, *parts: Part) -> None:
        """A message, to standard error; silent with ``-q``."""
        self._write_log(parts)
        if not self._quiet:
            self._streams.write(sys.stderr, parts)

    def error(self, *parts: Part) -> None:
        """A line that even ``-q`` shows."""
        self._write_log(parts)
        self._streams.write(sys.stderr, parts)

    def note(self, text: str) -> None:
        """A line that users should see once."""
        self.info(("note: ", "bold yellow"), shortened(text))

    def detail(self, text: str) -> None:
        """A line for ``-v`` only."""
        if self._verbose:
            self.info((text, "dim"))
        else:
            self._write_log([text])

    @contextmanager
    def about(self, subject: str, kept: list[str] | None = None) -> Iterator[None]:
        """Begin a part of the run that is about ``subject``: its lines say so, times and totals begin with it.

        ``kept`` takes what is for standard output, instead of that.
        """
        self._write_log([f"{subject}:"])
        begun, steps = self._begun, self._all_steps()
        self._begun, before = time.monotonic(), steps.restart()
        try:
            with self._streams.about(subject, kept):
                yield
        finally:
            self._begun = begun
            steps.totals.update(before)

    def explain(self, lines: Iterable[str]) -> None:
        """Lines for ``-v`` only, which are not made without it."""
        if self._verbose or self._log is not None:
            for line in lines:
                self.detail(line)

    def task(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> Task:
        """A task, shown once it takes a while: in place on a terminal, as lines elsewhere."""
        return self._all_steps().start(title, total, item=item, unit=unit, counts=counts)

    def count(self, what: str, amount: int = 1) -> None:
        """Add to a total of this run."""
        self._all_steps().count(what, amount)

    def finish(self, code: int) -> None:
        """End the run: what it came to, for ``-v``."""
        self.close()
        if self._steps is not None and (self._verbose or self._log is not None):
            from mvlock.commands.steps import totals_text

            self.detail(totals_text(self._steps.totals, time.monotonic() - self._begun))
        if self._log is not None:
            self._log.write(f"exit code {code}")
            self._log.close()

    def close(self) -> None:
        """Remove what is still drawn."""
        if self._steps is not None:
            self._steps.stop()

    def flush(self) -> None:
        """Remove what is drawn, and flush so that a broken pipe raises its error now."""
        self.close()
        if sys.stdout is not None:
            sys.stdout.flush()

    def _all_steps(self) -> Steps:
        if self._steps is None:
            from mvlock.commands.steps import Steps

            self._steps = Steps(self._begun, self._make_view if self._progress else None, self._report_time)
        return self._steps

    def _make_view(self, steps: Steps) -> View:
        if self._streams.can_draw:
            from mvlock.commands.bars import Bars

            return Bars(self._streams.rich_console(), steps)
        from mvlock.commands.plain_lines import PlainLines

        return PlainLines(self.info, steps)

    def _report_time(self, step: Step) -> None:
        if self._verbose or self._log is not None:
            from mvlock.commands.steps import summary

            self.detail(summary(step))

    def _write_log(self, parts: Iterable[Part]) -> None:
        if self._log is not None:
            self._log.write("".join(part if isinstance(part, str) else part[0] for part in parts))
