"""Looks at files and links them in processes (``worker``), where there are so many that starting them pays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from mvlock.base.concurrency import processors
from mvlock.store.processes import WorkerProcesses
from mvlock.store.worker import WORK

if TYPE_CHECKING:
    from typing_extensions import Self

_FEW = 6000
"""Files; that many are done in the time that processes take to start."""
_MOST = 4
"""Processes; more wait for each other in the file system."""


class FileWorkers:
    """Does what ``worker`` does: the first files in this process, the others in up to ``count`` of their own.

    Safe for several threads; each waits for a process. All processes end with the block.
    """

    def __init__(self, python: Path) -> None:
        self.count = min(processors(), _MOST)
        self._processes = WorkerProcesses(python, self.count)
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.kill()
        self._processes.end()

    def link(self, root: str, files: Sequence[tuple[str, str]]) -> list[int]:
        """See ``worker.link``.

        :raises UnmetRequest: ``interpreter-broken``
        """
        return self._work("link", files, root)

    def look(self, folder: str, since: int, files: Sequence[tuple[str, int, bool]]) -> list[int]:
        """See ``worker.look``.

        :raises UnmetRequest: ``interpreter-broken``
        """
        return self._work("look", files, folder, since)

    def _work(self, work: str, files: Sequence[object], *arguments: object) -> list[int]:
        self._done += len(files)
        return self._processes.ask(work, *arguments, files) if self._done > _FEW else WORK[work](*arguments, files)
