"""What a command is doing: its steps, and a thread that shows them once the command has taken a while.

A view shows the steps of ``Steps.shown`` until it is told to stop; ``bars`` draws them on a terminal, ``plain_lines``
writes lines. Neither is made, or imported, for a command that ends at once.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol, final

from mvlock.commands.amounts import counted, formatted_size, formatted_time, size_of_total
from mvlock.progress import BYTES

MEMBERS = "members"
"""The unit of a step that is about members of a workspace, one after the other."""
QUIET = 0.3
"""Seconds without any output."""
_LEAST = 0.1
_SAMPLES = 30
_SHOWN = 6


class View(Protocol):
    """Shows steps."""

    def run(self, stopped: threading.Event) -> None:
        """Show them until ``stopped`` is set, and remove what should not stay."""


@final
class Step:
    """A piece of work in progress (``Task``). Thread-safe."""

    def __init__(
        self, steps: Steps, title: str, total: int | None, *, item: str, unit: str, counts: tuple[str, ...]
    ) -> None:
        self.title = title
        self.total = total
        self.done = 0
        self.started = steps.clock()
        self.unit = unit
        self._item = printable(item)
        self._counts = counts
        self._steps = steps
        self._samples = deque([(self.started, 0)], _SAMPLES)

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """See ``Task``."""
        with self._steps.guard:
            self.done += amount
            if item is not None:
                self._item = printable(item)

    def grow(self, amount: int) -> None:
        """See ``Task``."""
        with self._steps.guard:
            self.total = (self.total or 0) + amount

    @property
    def detail(self) -> str:
        """What is in progress, or the totals that say how far it is."""
        totals = self._steps.totals
        return self._item or ", ".join(counted(totals[name], name) for name in self._counts if totals[name])

    @property
    def amount(self) -> str:
        """How far it is: ``3.4/12.3 MB``, ``3/12 trees``; empty if that is not known."""
        if not self.total:
            return ""
        if self.unit == BYTES:
            return size_of_total(self.done, self.total)
        return f"{self.done}/{self.total} {self.unit}".rstrip()

    @property
    def short_amount(self) -> str:
        """The same without the total."""
        return formatted_size(self.done) if self.unit == BYTES else f"{self.done}" if self.total else ""

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._steps.clock() - self.started

    def rate(self) -> str:
        """``3.4 MB/s``, in the time since some calls ago; empty if it is not about bytes."""
        if self.unit != BYTES:
            return ""
        now = self._steps.clock()
        (then, before), done = self._samples[0], self.done
        self._samples.append((now, done))
        return f"{formatted_size(max(0, done - before) / max(now - then, 0.001))}/s"

    def __enter__(self) -> Step:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._steps.finish(self)


@final
class Steps:
    """All steps of one run. ``make_view`` is called in a thread of its own; ``ended`` with each step that is done.

    ``begun``: when the run began, on ``clock``, in seconds.
    """

    def __init__(
        self,
        begun: float,
        make_view: Callable[[Steps], View] | None,
        ended: Callable[[Step], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.guard = threading.Lock()
        self.totals: Counter[str] = Counter()
        self._begun = begun
        self._make_view = make_view
        self._ended = ended
        self._active: list[Step] = []
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> Step:
        """Start a step; it is shown unless it ends soon."""
        step = Step(self, title, total, item=item, unit=unit, counts=counts)
        with self.guard:
            self._active.append(step)
            if self._thread is None and self._make_view is not None:
                self._stopped = threading.Event()
                thread = threading.Thread(target=self._watch, args=(self._make_view, self._stopped), daemon=True)
                thread.start()
                self._thread = thread  # not before: a signal may come while it starts, and then nobody can wait for it
        return step

    def finish(self, step: Step) -> None:
        """End a step."""
        with self.guard:
            if step not in self._active:
                return
            self._active.remove(step)
            is_last = not self._active
        if is_last:
            self.stop()
        self._ended(step)

    def count(self, what: str, amount: int) -> None:
        """Add to a total of the run."""
        with self.guard:
            self.totals[what] += amount

    def restart(self) -> Counter[str]:
        """Begin the totals again; returns what they were."""
        with self.guard:
            before, self.totals = self.totals, Counter()
        return before

    def stop(self) -> None:
        """Remove what is drawn; the next step is shown again."""
        with self.guard:
            thread, self._thread = self._thread, None
        self._stopped.set()
        if thread is not None:
            thread.join()

    def shown(self) -> tuple[list[Step], int]:
        """What is to be seen now: the oldest step, others that take a while; and how many more there are."""
        with self.guard:
            active = list(self._active)
        lasting = active[:1] + [step for step in active[1:] if step.elapsed() >= QUIET]
        return lasting[:_SHOWN], len(lasting[_SHOWN:])

    def _watch(self, make_view: Callable[[Steps], View], stopped: threading.Event) -> None:
        if not stopped.wait(max(QUIET - (self.clock() - self._begun), _LEAST)):
            make_view(self).run(stopped)


def printable(item: str) -> str:
    """A name, which may come from outside, without control characters."""
    return "".join(character for character in item if character.isprintable())


def summary(step: Step) -> str:
    """What a step came to: ``Downloading: 1.2 GB in 35 s``."""
    facts = [counted(step.done, step.unit)] if step.done and step.unit else []
    known = ", ".join(fact for fact in (step.detail, *facts) if fact)
    return f"{step.title}: {known}{' in ' if known else ''}{formatted_time(step.elapsed())}"


def totals_text(totals: Mapping[str, int], seconds: float) -> str:
    """What a run came to: ``312 requests, 45.1 MB received, 120 cache hits in 2.1 s``."""
    known = ", ".join(counted(number, name) for name, number in totals.items())
    return f"{known or 'Done'} in {formatted_time(seconds)}"
