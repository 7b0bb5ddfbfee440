"""Work is done once, and a thread that needs it first does not wait for the queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mvlock.base.concurrency import Memo


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def test_queued_work_is_done_by_the_thread_that_needs_it(executor: ThreadPoolExecutor) -> None:
    memo: Memo[str, str] = Memo(executor)
    release = threading.Event()
    memo.start("slow", lambda: str(release.wait(5)))
    memo.start("quick", lambda: "from the queue")
    assert memo.get("quick", lambda: "at once") == "at once"
    release.set()
    assert memo.get("slow", lambda: "again") == "True"


def test_a_failure_is_remembered(executor: ThreadPoolExecutor) -> None:
    memo: Memo[str, int] = Memo(executor)
    attempts: list[int] = []

    def fail() -> int:
        attempts.append(1)
        raise LookupError("no")

    for _ in range(2):
        with pytest.raises(LookupError):
            memo.get("a", fail)
    assert attempts == [1]


def test_many_threads_get_one_answer() -> None:
    with ThreadPoolExecutor(2) as executor, ThreadPoolExecutor(16) as callers:
        memo: Memo[int, object] = Memo(executor)
        for key in range(200):
            memo.start(key, object)
        answers = list(callers.map(lambda number: memo.get(number % 200, object), range(3200)))
    assert len({id(answer) for answer in answers}) == 200


def test_after_the_end_nothing_is_started_and_nothing_raises() -> None:
    executor = ThreadPoolExecutor(1)
    memo: Memo[str, int] = Memo(executor)
    executor.shutdown()
    memo.start("a", lambda: 1)
    assert memo.get("a", lambda: 2) == 2
