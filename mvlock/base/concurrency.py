"""Results that several threads compute and share, and work that runs in a thread while the next is prepared."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from typing_extensions import Self

_SECONDS_OF_A_TURN = 0.05

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def long_turns() -> Iterator[None]:
    """Let the threads of this process change less often while they read and compute.

    Threads that read pages compete with the solver: changing at the usual 5 ms costs a tenth of a cold resolve.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(max(usual, _SECONDS_OF_A_TURN))
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


class Memo(Generic[K, V]):
    """Caches results (and failures) by key. Thread-safe; no key is computed twice.

    The first thread to get there computes the result: a background thread, or the one that needs it now.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._futures: dict[K, Future[V]] = {}
        self._lock = threading.Lock()

    def start(self, key: K, compute: Callable[[], V]) -> None:
        """Start computing the result in the background, unless that was done; never raises."""
        with self._lock:
            if key not in self._futures:
                try:
                    self._futures[key] = self._executor.submit(compute)
                except RuntimeError:  # the executor is shut down, so the result is not needed
                    return

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """The result: cached, awaited if in progress, else computed in this thread, even if it is queued."""
        while True:
            with self._lock:
                future = self._futures.get(key)
                if new_future := future is None or future.cancel():
                    future = self._futures[key] = Future()
                    future.set_running_or_notify_cancel()
            if new_future:
                _complete(future, compute)
            try:
                return future.result()
            except CancelledError:
                continue  # another thread has taken the work from the queue


def _complete(future: Future[V], compute: Callable[[], V]) -> None:
    try:
        future.set_result(compute())
    except BaseException as error:
        future.set_exception(error)


class BackgroundThread:
    """Runs work in a thread while the next is prepared, one piece at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if error is None:
            self._wait()

    def run(self, work: Callable[[], None]) -> None:
        """Start ``work`` once the previous work is done; errors of the previous work are raised here, or at the end."""
        self._wait()
        self._running = self._thread.submit(work)

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()
