"""Progress bars on a terminal. Imports rich, so it is imported only when the first bar is drawn."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, final

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn


class Bars:
    """All bars of one run; drawn while at least one task is under way."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("[dim]{task.fields[item]}", markup=True),
        )
        self._progress: Progress = Progress(*columns, console=console, transient=True)
        self.guard = threading.Lock()
        self._running = 0

    def start(self, title: str, total: int | None) -> Bar:
        """Start a further task of ``total`` units (None: unknown)."""
        with self.guard:
            self._running += 1
            if self._running == 1:
                self._progress.start()
        return Bar(self, self._progress, self._progress.add_task(title, total=total, item=""))

    def finish(self, task: TaskID) -> None:
        """End a task and remove its bar."""
        with self.guard:
            self._progress.remove_task(task)
            self._running -= 1
            if self._running == 0:
                self._progress.stop()

    def stop(self) -> None:
        """Remove what is drawn."""
        self._progress.stop()


@final
class Bar:
    """One task as a bar."""

    def __init__(self, bars: Bars, progress: Progress, task: TaskID) -> None:
        self._bars = bars
        self._progress = progress
        self._task = task
        self._done = False

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """See ``Task``."""
        fields: dict[str, Any] = {} if item is None else {"item": _safe(item)}
        self._progress.update(self._task, advance=amount, **fields)

    def grow(self, amount: int) -> None:
        """See ``Task``."""
        with self._bars.guard:
            totals = {task.id: task.total for task in self._progress.tasks}
            self._progress.update(self._task, total=(totals.get(self._task) or 0) + amount)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._done:
            self._done = True
            self._bars.finish(self._task)


def _safe(item: str) -> str:
    """An item's name, which comes from outside, without markup and control characters, and cut to a length."""
    return escape("".join(character for character in item if character.isprintable())[:48])
