"""Progress as lines, for pipes, for continuous integration and for terminals that cannot move the cursor."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mvlock.commands.amounts import formatted_time
from mvlock.commands.steps import MEMBERS, Step, Steps

_LASTING = 1.0
"""Seconds: a step that ends before is not worth a line."""
_AGAIN = 10.0
_PAUSE = 0.1


class PlainLines:
    """A line for each step that takes a while, and another every ten seconds."""

    def __init__(self, write: Callable[[str], None], steps: Steps) -> None:
        self._write = write
        self._steps = steps
        self._due: dict[Step, float] = {}

    def run(self, stopped: threading.Event) -> None:
        """See ``View``."""
        while not stopped.wait(_PAUSE):
            self.write_due()

    def write_due(self) -> None:
        """Write the lines that are due now."""
        shown, _ = self._steps.shown()
        steps = [step for step in shown if step.unit != MEMBERS]  # each line begins with the name of the member
        now = self._steps.clock()
        for step in steps:
            if now >= self._due.get(step, step.started + _LASTING):
                is_outer = step is steps[0] and len(steps) > 1
                if step not in self._due or not is_outer:
                    self._write(line(step))
                self._due[step] = now + _AGAIN


def line(step: Step) -> str:
    """``Downloading: 3.4/12.3 MB, 1.1 MB/s, numpy 2.0``."""
    facts = [step.amount, step.rate(), step.detail]
    known = [fact for fact in facts if fact]
    return f"{step.title}: {', '.join([*known, formatted_time(step.elapsed())])}"
