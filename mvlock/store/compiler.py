"""Processes that compile, run by the interpreter that trees are made for; as many as there are processors."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

import msgspec

from mvlock.base.concurrency import processors
from mvlock.errors import UnmetRequest
from mvlock.store.store import StoredWheel

_BATCH = 24
_LARGE = 128 * 1024
# We handle Ctrl-C and end the workers: a worker that also received it would print a traceback.
NEW_SESSION: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)
"""Options that start a process which Ctrl-C does not reach."""


class Compiler(msgspec.Struct, frozen=True):
    """An interpreter that compiles: its path, and the ``cache_tag`` (PEP 3147) of what it makes."""

    python: Path
    cache_tag: str

    def command(self, *options: str) -> list[str]:
        """The command line of a process that compiles on request (bytecode_worker)."""
        worker = Path(__file__).with_name("bytecode_worker.py")
        return [str(self.python), "-I", "-S", "-B", str(worker), *options]

    def compiled_name(self, source: str) -> str:
        """The path of a source's bytecode (PEP 3147); both POSIX and relative to the same folder."""
        folder, _, name = source.rpartition("/")
        return f"{folder}{'/' if folder else ''}__pycache__/{name.removesuffix('.py')}.{self.cache_tag}.pyc"


@contextmanager
def worker_pool(compiler: Compiler) -> Iterator[Workers]:
    """Workers that end with the block."""
    workers = Workers(compiler)
    try:
        yield workers
    finally:
        workers.stop()


class Workers:
    """Processes of the target interpreter; one thread feeds each.

    Compiling a large source takes fifty times its size in memory, and the process keeps most of that. So only one large
    source is compiled at a time, and its process ends afterwards.
    """

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.count = processors()
        self._threads = ThreadPoolExecutor(self.count)
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        self._started: list[subprocess.Popen[str]] = []
        self._large = Lock()

    def kill(self) -> None:
        """End the processes at once: their answers are no longer needed."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._started:
            process.kill()

    def stop(self) -> None:
        """End the processes once they are idle."""
        self._threads.shutdown(cancel_futures=True)
        with suppress(Empty):
            while True:
                self._idle.get_nowait().communicate()

    def compile(self, wheel: StoredWheel, target: Path) -> list[str]:
        """Compile the sources of a wheel into ``target``; returns those that do not compile."""
        files = sorted(wheel.receipt.sources(), key=lambda file: file.size)
        small = [self._job(wheel, file.path, target) for file in files if file.size < _LARGE]
        large = [self._job(wheel, file.path, target) for file in files if file.size >= _LARGE]
        failed = [
            *self._threads.map(self._send, _batches(small)),
            *self._threads.map(self._send_large, _batches(large)),
        ]
        prefix = f"{wheel.files}/"
        return [name.removeprefix(prefix) for names in failed for name in names]

    def _job(self, wheel: StoredWheel, path: str, target: Path) -> list[str]:
        return [f"{wheel.files}/{path}", f"{target}/{self.compiler.compiled_name(path)}", path]

    def _idle_process(self) -> subprocess.Popen[str]:
        """An idle process, or a new one: there are never more processes than threads."""
        try:
            return self._idle.get_nowait()
        except Empty:
            pipe = subprocess.PIPE
            command = self.compiler.command()
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", **NEW_SESSION)
            self._started.append(process)
            return process

    def _send(self, jobs: list[list[str]]) -> list[str]:
        process = self._idle_process()
        try:
            return self._exchange(process, jobs)
        finally:
            self._idle.put(process)

    def _send_large(self, jobs: list[list[str]]) -> list[str]:
        with self._large:
            process = self._idle_process()
            try:
                return self._exchange(process, jobs)
            finally:
                process.communicate()

    def _exchange(self, process: subprocess.Popen[str], jobs: list[list[str]]) -> list[str]:
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker is started with pipes")
        try:
            process.stdin.write(json.dumps(jobs) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise UnmetRequest("interpreter-broken", f"{self.compiler.python} stopped while compiling")
        return parse_answer(answer)


def parse_answer(answer: str) -> list[str]:
    """Parses a worker's answer: the sources that do not compile.

    :raises OSError: the error that the process got from the operating system
    """
    found = json.loads(answer)
    if isinstance(found, dict):
        raise OSError(*found["error"])
    return [str(name) for name in found]


def _batches(jobs: list[list[str]]) -> Iterator[list[list[str]]]:
    for start in range(0, len(jobs), _BATCH):
        yield jobs[start : start + _BATCH]
