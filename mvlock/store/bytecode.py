"""Bytecode, compiled once per wheel and kind of interpreter, beside the wheel in the store.

The pyc files carry time and size of their source (timestamp-based in the words of PEP 552): links share the
time, copies keep it, and a source that somebody edits in a tree is noticed. An interpreter's ``cache_tag``
stands for its bytecode format.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from filelock import FileLock

from mvlock.errors import AnswerIsNo
from mvlock.progress import Reporter
from mvlock.store.store import Store, StoredWheel, publish

_BATCH = 24
_FAILED = "failed.json"


@dataclass(frozen=True, slots=True)
class Compiler:
    """An interpreter that compiles: its path, and the ``cache_tag`` (PEP 3147) of what it makes."""

    python: Path
    cache_tag: str

    def command(self, *options: str) -> list[str]:
        """The command line of a process that compiles what it is told (bytecode_worker)."""
        worker = Path(__file__).with_name("bytecode_worker.py")
        return [str(self.python), "-I", "-S", "-B", str(worker), *options]

    def compiled_name(self, source: str) -> str:
        """Where the bytecode of a source lies (PEP 3147); both POSIX and relative to the same folder."""
        folder, _, name = source.rpartition("/")
        return f"{folder}{'/' if folder else ''}__pycache__/{name.removesuffix('.py')}.{self.cache_tag}.pyc"


def compile_wheels(store: Store, wheels: Iterable[StoredWheel], compiler: Compiler, reporter: Reporter) -> None:
    """Compile whatever of ``wheels`` is not compiled yet, on all processors.

    :raises AnswerIsNo: ``interpreter-broken`` when the interpreter does not answer
    """
    missing = [wheel for wheel in wheels if not wheel.bytecode(compiler.cache_tag).is_dir()]
    if not missing:
        return
    total = sum(len(wheel.receipt.sources()) for wheel in missing)
    with reporter.task("Compiling", total=total) as task, _workers(compiler) as workers:

        def work(wheel: StoredWheel) -> None:
            with FileLock(store.root / "locks" / f"{wheel.receipt.sha256}.lock"):
                _compile_wheel(store, wheel, workers)
            task.advance(len(wheel.receipt.sources()), item=wheel.receipt.wheel)

        with ThreadPoolExecutor(2 * workers.count) as threads:
            list(threads.map(work, missing))


def compile_in_place(folder: Path, compiler: Compiler) -> None:
    """Compile every source under ``folder`` beside itself, for good: its time and content are looked at no more.

    For files of our own, which must start quickly wherever they are copied to.

    :raises AnswerIsNo: ``interpreter-broken``
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    jobs = [[f"{folder}/{name}", f"{folder}/{compiler.compiled_name(name)}", name] for name in names]
    command = compiler.command("--unchecked")
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False)
    if done.returncode or done.stdout.strip() != "[]":
        raise AnswerIsNo("interpreter-broken", f"{compiler.python} does not compile:\n{done.stdout}{done.stderr}")


def compiled_sources(wheel: StoredWheel, compiler: Compiler) -> list[str]:
    """The sources of a wheel that have bytecode, sorted; the others cannot be compiled."""
    folder = wheel.bytecode(compiler.cache_tag)
    failed = set(json.loads((folder / _FAILED).read_text("utf-8")))
    return [path for path in wheel.receipt.sources() if path not in failed]


def _compile_wheel(store: Store, wheel: StoredWheel, workers: _Workers) -> None:
    place = wheel.bytecode(workers.compiler.cache_tag)
    if place.is_dir():
        return
    with store.workshop() as folder:
        made = folder / "bytecode"
        made.mkdir()
        failed = workers.compile(wheel.files, made, wheel.receipt.sources())
        (made / _FAILED).write_text(json.dumps(sorted(failed)), "utf-8")
        publish(made, place)


@contextmanager
def _workers(compiler: Compiler) -> Iterator[_Workers]:
    workers = _Workers(compiler)
    try:
        yield workers
    finally:
        workers.stop()


class _Workers:
    """Processes of the target interpreter; one thread feeds each."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self.count)
        self._processes: list[subprocess.Popen[str]] = []
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()

    def stop(self) -> None:
        """End the processes; each has answered all it was asked."""
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def compile(self, sources: Path, target: Path, paths: Sequence[str]) -> list[str]:
        """Compile ``paths`` under ``sources`` into ``target``; the answer is which of them do not compile."""
        jobs = [[f"{sources}/{path}", f"{target}/{self.compiler.compiled_name(path)}", path] for path in paths]
        failed = self._threads.map(self._ask, _batches(jobs))
        prefix = f"{sources}/"
        return [name.removeprefix(prefix) for names in failed for name in names]

    def _take(self) -> subprocess.Popen[str]:
        """An idle process; a new one if none is idle, for there are as many threads as processes at most."""
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._start()

    def _start(self) -> subprocess.Popen[str]:
        command, pipe = self.compiler.command(), subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
        self._processes.append(process)
        return process

    def _ask(self, jobs: list[list[str]]) -> list[str]:
        process = self._take()
        try:
            return self._exchange(process, jobs)
        finally:
            self._idle.put(process)

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
            raise AnswerIsNo("interpreter-broken", f"{self.compiler.python} stopped while compiling")
        failed: list[str] = json.loads(answer)
        return failed


def _batches(jobs: list[list[str]]) -> Iterator[list[list[str]]]:
    for start in range(0, len(jobs), _BATCH):
        yield jobs[start : start + _BATCH]
