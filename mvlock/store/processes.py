"""Processes that work on files (``worker``), run by the interpreter that trees are made for."""

from __future__ import annotations

import marshal
import os
import subprocess
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from mvlock.errors import UnmetRequest
from mvlock.store.worker import packed

_PROGRAM = Path(__file__).with_name("worker.py")
# We handle Ctrl-C and end the processes: one that also received it would print a traceback.
NEW_SESSION: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)
"""Options that start a process which Ctrl-C does not reach."""


class WorkerProcesses:
    """Up to ``most`` processes, each of which is started when all others are at work. Safe for several threads."""

    def __init__(self, python: Path, most: int) -> None:
        self._most = most
        self._command = [str(python), "-I", "-S", "-B", str(_PROGRAM)]
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._started: list[subprocess.Popen[bytes]] = []

    def ask(self, work: str, *arguments: object, last: bool = False) -> list[int]:
        """The answer of ``worker.WORK[work]``. ``last``: the process ends, which gives its memory back.

        With ``last``, no more threads than processes may ask: who waits for an idle one is not told that one has ended.

        :raises OSError: the error that the process got from the operating system
        :raises UnmetRequest: ``interpreter-broken``
        """
        process = self._idle_process()
        try:
            return self._exchange(process, packed((work, arguments)))
        finally:
            if last:
                process.communicate()
                self._started.remove(process)
            else:
                self._idle.put(process)

    def kill(self) -> None:
        """End all at once: their answers are no longer needed."""
        for process in self._started:
            process.kill()

    def end(self) -> None:
        """End all; none is at work."""
        for process in self._started:
            process.communicate()

    def _idle_process(self) -> subprocess.Popen[bytes]:
        with suppress(Empty):
            return self._idle.get(block=len(self._started) >= self._most)
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **NEW_SESSION)
        self._started.append(process)
        return process

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes) -> list[int]:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker is started with pipes")
        length = b""
        with suppress(BrokenPipeError):
            process.stdin.write(request)
            process.stdin.flush()
            length = process.stdout.read(4)
        content = process.stdout.read(int.from_bytes(length, "little"))
        if not content:
            text = f"{self._command[0]} stopped while it compiled, linked or looked at files"
            raise UnmetRequest("interpreter-broken", text, hint="nothing was changed: install again")
        answer: list[int] | tuple[int, str, str] = marshal.loads(content)
        if isinstance(answer, tuple):
            raise OSError(*answer)
        return answer
