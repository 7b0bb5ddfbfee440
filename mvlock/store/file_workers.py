"""Processes that look at files and link them (``file_worker``), where there are so many that starting them pays."""

from __future__ import annotations

import marshal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING

from mvlock.base.concurrency import processors
from mvlock.errors import UnmetRequest
from mvlock.store.compiler import NEW_SESSION
from mvlock.store.file_worker import link, look, packed

if TYPE_CHECKING:
    from typing_extensions import Self

_FEW = 6000
"""Files; that many are done in the time that processes take to start."""
_MOST = 4
"""Processes; more wait for each other in the file system."""
_PROGRAM = Path(__file__).with_name("file_worker.py")


class FileWorkers:
    """Does what ``file_worker`` does: the first files in this process, the others in up to ``count`` of their own.

    Safe for several threads; each waits for a process. All processes end with the block.
    """

    def __init__(self, python: Path) -> None:
        self.count = min(processors(), _MOST)
        self._command = [str(python), "-I", "-S", "-B", str(_PROGRAM)]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._started:
            process.kill()
        for process in self._started:
            process.communicate()

    def link(self, root: str, files: Sequence[tuple[str, str]]) -> Sequence[int]:
        """See ``file_worker.link``.

        :raises UnmetRequest: ``interpreter-broken``
        """
        return self._ask("link", root, files) if self._are_many(files) else link(root, files)

    def look(self, folder: str, since: int, files: Sequence[tuple[str, int, bool]]) -> Sequence[int]:
        """See ``file_worker.look``.

        :raises UnmetRequest: ``interpreter-broken``
        """
        return self._ask("look", folder, since, files) if self._are_many(files) else look(folder, since, files)

    def _are_many(self, files: Sequence[object]) -> bool:
        self._done += len(files)
        return self._done > _FEW

    def _ask(self, work: str, *arguments: object) -> Sequence[int]:
        process = self._idle_process()
        try:
            return self._exchange(process, packed((work, arguments)))
        finally:
            self._idle.put(process)

    def _idle_process(self) -> subprocess.Popen[bytes]:
        with suppress(Empty):
            return self._idle.get(block=len(self._started) >= self.count)
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **NEW_SESSION)
        self._started.append(process)
        return process

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes) -> Sequence[int]:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker is started with pipes")
        length = b""
        with suppress(BrokenPipeError):
            process.stdin.write(request)
            process.stdin.flush()
            length = process.stdout.read(4)
        answer = process.stdout.read(int.from_bytes(length, "little"))
        if not answer:
            text = f"{self._command[0]} stopped while it looked at files, or linked them"
            raise UnmetRequest("interpreter-broken", text, hint="nothing was changed: install again")
        numbers: list[int] = marshal.loads(answer)
        return numbers
