"""The port through which stages tell how far they are. Commands decide how it looks.

A stage calls ``reporter.task("Downloading", total=12)`` as a context manager and advances it; it never prints.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self


class Task(Protocol):
    """One piece of work under way; safe to call from several threads."""

    def advance(self, amount: int = 1, *, item: str | None = None) -> None:
        """Say that ``amount`` more units are done; ``item`` names the newest one."""

    def grow(self, amount: int) -> None:
        """Say that ``amount`` more units have to be done than was known."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Reporter(Protocol):
    """Receives progress and notes; both go to standard error in the commands."""

    def task(self, title: str, total: int | None = None) -> Task:
        """Start a task of ``total`` units (None: unknown)."""

    def note(self, text: str) -> None:
        """A line that people should see once (a warning, a decision taken)."""

    def detail(self, text: str) -> None:
        """A line for ``-v`` only."""


class SilentTask:
    """A task nobody watches."""

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
    """The reporter of tests and of ``-q``."""

    def task(self, title: str, total: int | None = None) -> SilentTask:
        """See ``Reporter``."""
        return SilentTask()

    def note(self, text: str) -> None:
        """See ``Reporter``."""

    def detail(self, text: str) -> None:
        """See ``Reporter``."""
