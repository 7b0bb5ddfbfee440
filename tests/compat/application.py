"""The application of a pair's project: `main.py SIDES REPORT SECONDS`.

SIDES is the order in which the two versions run, such as `old,new,old`; with a leading `threads:` each has its own
thread and all start together. REPORT gets a JSON list: per run its side, what it printed, and the traceback if it
failed. After SECONDS the process ends with the stacks of all threads on stderr. Standard library only.
"""

from __future__ import annotations

import faulthandler
import io
import json
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, str]


class ThreadOutput:
    """A stdout on which every thread can have its own page."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._own = threading.local()

    def start_page(self) -> io.StringIO:
        """What this thread prints from now on goes to the page returned."""
        self._own.page = io.StringIO()
        return self._own.page  # type: ignore[no-any-return]

    def write(self, text: str) -> int:
        """Write to the thread's page, or to the real stdout."""
        return getattr(self._own, "page", self._real).write(text)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def probe(side: str) -> Callable[[str], None]:
    """The smoke of one version, reached by an import statement of the application."""
    if side == "old":
        import probe_old  # type: ignore[import-not-found]

        return probe_old.smoke  # type: ignore[no-any-return]
    import probe_new  # type: ignore[import-not-found]

    return probe_new.smoke  # type: ignore[no-any-return]


def run(side: str, mode: str, smoke: Callable[[str], None], output: ThreadOutput) -> Row:
    """Run one smoke in this thread."""
    page, error = output.start_page(), ""
    try:
        smoke(mode)
    except BaseException:
        error = traceback.format_exc()
    return {"side": side, "stdout": page.getvalue(), "error": error}


def in_turn(sides: list[str], output: ThreadOutput) -> list[Row]:
    """One after another."""
    return [run(side, "", probe(side), output) for side in sides]


def at_once(sides: list[str], output: ThreadOutput) -> list[Row]:
    """Each in a thread, all started together and switched between as often as possible."""
    smokes = [probe(side) for side in sides]
    barrier = threading.Barrier(len(sides))
    rows: list[Row] = []

    def thread(side: str, smoke: Callable[[str], None]) -> None:
        barrier.wait()
        rows.append(run(side, "threads", smoke, output))

    threads = [threading.Thread(target=thread, args=pair) for pair in zip(sides, smokes, strict=True)]
    sys.setswitchinterval(1e-6)
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return rows


def main(order: str, report: str, seconds: str) -> None:
    """Run in the given order and write the report."""
    faulthandler.enable()
    faulthandler.dump_traceback_later(float(seconds), exit=True)
    output: Any = ThreadOutput(sys.stdout)
    sys.stdout = output
    how, colon, sides = order.rpartition(":")
    rows = (at_once if colon and how == "threads" else in_turn)(sides.split(","), output)
    Path(report).write_text(json.dumps(rows), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
