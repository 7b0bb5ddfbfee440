"""Work that is one step behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class Behind:
    """Work is done by a thread while the next is prepared, and never more than one at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if error is None:
            self._wait()

    def do(self, work: Callable[[], None]) -> None:
        """Begin ``work`` when what was begun before is done; errors of that show here, or at the end."""
        self._wait()
        self._under_way = self._thread.submit(work)

    def _wait(self) -> None:
        if self._under_way is not None:
            self._under_way.result()
