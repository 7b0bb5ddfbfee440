"""Compiles in processes of the interpreter that trees are made for; as many as there are processors."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import msgspec

from mvlock.base.concurrency import processors
from mvlock.store.processes import WorkerProcesses
from mvlock.store.store import StoredWheel

_BATCH = 24
_LARGE = 128 * 1024

Job = tuple[str, str, str]
"""See ``worker.compile_files``."""


class Compiler(msgspec.Struct, frozen=True):
    """An interpreter that compiles: its path, and the ``cache_tag`` (PEP 3147) of what it makes."""

    python: Path
    cache_tag: str

    def compiled_name(self, source: str) -> str:
        """The path of a source's bytecode (PEP 3147); both POSIX and relative to the same folder."""
        folder, _, name = source.rpartition("/")
        return f"{folder}{'/' if folder else ''}__pycache__/{name.removesuffix('.py')}.{self.cache_tag}.pyc"

    def job(self, folder: Path, source: str, target: Path) -> Job:
        """What compiles a source of ``folder`` to its path in ``target``."""
        return f"{folder}/{source}", f"{target}/{self.compiled_name(source)}", source


@contextmanager
def worker_pool(compiler: Compiler) -> Iterator[Workers]:
    """Workers that end with the block."""
    workers = Workers(compiler)
    try:
        yield workers
    finally:
        workers.stop()


class Workers:
    """Processes that compile; one thread feeds each.

    Compiling a large source takes fifty times its size in memory, and the process keeps most of that. So only one large
    source is compiled at a time, and its process ends afterwards.
    """

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.count = processors()
        self._threads = ThreadPoolExecutor(self.count)
        self._processes = WorkerProcesses(compiler.python, self.count)
        self._large = Lock()

    def kill(self) -> None:
        """End the processes at once: their answers are no longer needed."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._processes.kill()

    def stop(self) -> None:
        """End the processes once they are idle."""
        self._threads.shutdown(cancel_futures=True)
        self._processes.end()

    def compile(self, wheel: StoredWheel, target: Path) -> list[str]:
        """Compile the sources of a wheel into ``target``; returns those that do not compile."""
        files = sorted(wheel.receipt.sources(), key=lambda file: file.size)
        small = [self.compiler.job(wheel.files, file.path, target) for file in files if file.size < _LARGE]
        large = [self.compiler.job(wheel.files, file.path, target) for file in files if file.size >= _LARGE]
        failed = [
            *self._threads.map(self._send, _batches(small)),
            *self._threads.map(self._send_large, _batches(large)),
        ]
        return [path for paths in failed for path in paths]

    def _send(self, jobs: list[Job], *, last: bool = False) -> list[str]:
        return [jobs[number][2] for number in self._processes.ask("compile", False, jobs, last=last)]

    def _send_large(self, jobs: list[Job]) -> list[str]:
        with self._large:
            return self._send(jobs, last=True)


def _batches(jobs: list[Job]) -> Iterator[list[Job]]:
    for start in range(0, len(jobs), _BATCH):
        yield jobs[start : start + _BATCH]
