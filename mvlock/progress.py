"""The port through which layers report progress. Commands decide how it is shown.

A layer calls ``reporter.task("Downloading", total=12)`` as a context manager and advances it; it never prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

Count = Callable[[str, int], None]
"""Adds an amount to one of the totals of the run, by its name; safe to call from several threads."""

BYTES = "bytes"
"""The unit of tasks that are shown as sizes, with a rate."""


class Task(Protocol):
    """A piece of work in progress; safe to call from several threads."""

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """Report that ``amount`` more units are done; ``item`` names the latest one."""

    def grow(self, amount: int) -> None:
        """Increase the total by ``amount`` units."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Reporter(Protocol):
    """Receives progress and notes; both go to standard error in the commands."""

    def task(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> Task:
        """Start a task of ``total`` units (None: unknown), of which ``item`` is in progress.

        ``title`` is one word. ``counts``: names of totals of the run that show how far it is.
        """

    def count(self, what: str, amount: int = 1) -> None:
        """Add to a total of the run, by its name (``requests``). See ``Count``."""

    def note(self, text: str) -> None:
        """A line that users should see once (a warning, a decision)."""

    def detail(self, text: str) -> None:
        """A line for ``-v`` only."""

    def explain(self, lines: Iterable[str]) -> None:
        """Lines for ``-v`` only; nothing is taken from ``lines`` without it."""


class SilentTask:
    """A task that is not shown."""

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """See ``Task``."""

    def grow(self, amount: int) -> None:
        """See ``Task``."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class SilentReporter:
    """The reporter of those who want none."""

    def task(
        self, title: str, total: int | None = None, *, item: str = "", unit: str = "", counts: tuple[str, ...] = ()
    ) -> SilentTask:
        """See ``Reporter``."""
        return SilentTask()

    def count(self, what: str, amount: int = 1) -> None:
        """See ``Reporter``."""

    def note(self, text: str) -> None:
        """See ``Reporter``."""

    def detail(self, text: str) -> None:
        """See ``Reporter``."""

    def explain(self, lines: Iterable[str]) -> None:
        """See ``Reporter``."""


def count_nothing(what: str, amount: int = 1) -> None:
    """The ``Count`` of those who want none."""
