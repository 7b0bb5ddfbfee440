"""Answers found once, by whoever comes first: a background thread or the one that needs the answer now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Executor, Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Remembers answers (and failures) by key. Thread-safe; no key is worked on twice."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._answers: dict[K, Future[V]] = {}
        self._lock = threading.Lock()

    def start(self, key: K, find: Callable[[], V]) -> None:
        """Begin to find the answer in the background, unless that was done; never raises."""
        with self._lock:
            if key not in self._answers:
                try:
                    self._answers[key] = self._executor.submit(find)
                except RuntimeError:  # the executor is shut down, so nobody will ask
                    return

    def get(self, key: K, find: Callable[[], V]) -> V:
        """The answer: known, being found, or found here and now, out of the queue if it waits there."""
        while True:
            with self._lock:
                future = self._answers.get(key)
                if own := future is None or future.cancel():
                    future = self._answers[key] = Future()
                    future.set_running_or_notify_cancel()
            if own:
                _fulfil(future, find)
            try:
                return future.result()
            except CancelledError:
                continue  # another thread took the work out of the queue and does it


def _fulfil(future: Future[V], find: Callable[[], V]) -> None:
    try:
        future.set_result(find())
    except BaseException as error:
        future.set_exception(error)
