"""Bytecode, compiled once per wheel and kind of interpreter, beside the wheel in the store.

The pyc files carry time and size of their source (timestamp-based in the words of PEP 552): links share the
time, copies keep it, and a source that somebody edits in a tree is noticed. An interpreter's ``cache_tag``
stands for its bytecode format. Beside the pyc files lies what they were when they were made.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

import msgspec
from filelock import FileLock

from mvlock.base.digests import record_digest_of, sha256_of
from mvlock.errors import AnswerIsNo, BadArtifact
from mvlock.progress import Reporter, Task
from mvlock.store.model import StoredFile
from mvlock.store.store import OWN_FOLDER, Store, StoredWheel, publish

_BATCH = 24
_LARGE = 128 * 1024
_RECEIPT = "compiled.json"
# Ctrl-C is for us, who end the workers: a worker that got it, too, would print a traceback.
_APART: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if os.name == "nt"
    else {"start_new_session": True}
)


class _Compiled(msgspec.Struct, frozen=True):
    """What was made of a wheel's sources, in their order (paths as in ``bytecode/TAG``), and which do not compile."""

    files: tuple[StoredFile, ...]
    failed: frozenset[str]


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


@contextmanager
def compilation(store: Store, compiler: Compiler, reporter: Reporter) -> Iterator[Compilation]:
    """Compiles wheels on all processors while others still come; at the end all that were given are done.

    :raises AnswerIsNo: ``interpreter-broken`` when the interpreter does not answer
    """
    with reporter.task("Compiling", total=0) as task, _workers(compiler) as workers:
        under_way = Compilation(store, workers, task)
        try:
            yield under_way
            under_way.finish()
        except BaseException:
            workers.give_up()
            raise
        finally:
            under_way.stop()


class Compilation:
    """Wheels of a store on their way to bytecode; given by ``compilation``."""

    def __init__(self, store: Store, workers: _Workers, task: Task) -> None:
        self._store = store
        self._workers = workers
        self._task = task
        self._threads = ThreadPoolExecutor(2 * workers.count)
        self._futures: list[Future[None]] = []

    def add(self, wheel: StoredWheel) -> None:
        """Compile what of a wheel is not compiled yet."""
        if _compiled_in(wheel.bytecode(self._workers.compiler.cache_tag)) is None:
            self._task.grow(len(wheel.receipt.sources()))
            self._futures.append(self._threads.submit(self._compile, wheel.receipt.sha256))

    def finish(self) -> None:
        """Wait for all."""
        for future in self._futures:
            future.result()

    def stop(self) -> None:
        """Drop what is not begun."""
        self._threads.shutdown(cancel_futures=True)

    def _compile(self, sha256: str) -> None:
        with FileLock(self._store.root / "locks" / f"{sha256}.lock"):
            wheel = self._store.get(sha256)
            _compile_wheel(self._store, wheel, self._workers)
        self._task.advance(len(wheel.receipt.sources()), item=wheel.receipt.wheel)


def compile_in_place(store: Store, folder: Path, compiler: Compiler) -> None:
    """Compile every source under ``folder`` beside itself, for good: its time and content are looked at no more.

    For files of our own, which must start quickly wherever they are copied to. The store keeps what was made of them.

    :raises AnswerIsNo: ``interpreter-broken``
    """
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))
    digest = hashlib.sha256(compiler.cache_tag.encode())
    for name in names:
        digest.update(f"\0{name}\0{sha256_of(folder / name)}".encode())
    place = store.root / OWN_FOLDER / digest.hexdigest()
    if not place.is_dir():
        with store.workshop() as workshop:
            _compile_unchecked(folder, names, workshop / "made", compiler)
            with FileLock(store.root / "locks" / f"{place.name}.lock"):
                if not place.is_dir():
                    publish(workshop / "made", place)
    for compiled in place.rglob("*.pyc"):
        target = folder / compiled.relative_to(place)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(compiled, target)


def _compile_unchecked(folder: Path, names: Iterable[str], target: Path, compiler: Compiler) -> None:
    jobs = [[f"{folder}/{name}", f"{target}/{compiler.compiled_name(name)}", name] for name in names]
    command = compiler.command("--unchecked")
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False, **_APART)
    if done.returncode or _understood(done.stdout):
        raise AnswerIsNo("interpreter-broken", f"{compiler.python} does not compile:\n{done.stdout}{done.stderr}")


def compiled_sources(wheel: StoredWheel, compiler: Compiler) -> list[tuple[str, StoredFile]]:
    """The sources of a wheel that have bytecode, each with that, sorted; the others cannot be compiled."""
    compiled = _compiled_in(wheel.bytecode(compiler.cache_tag))
    if compiled is None:
        raise BadArtifact("store-corrupt", f"the bytecode of {wheel.receipt.wheel} in the cache cannot be read back")
    sources = (file.path for file in wheel.receipt.sources() if file.path not in compiled.failed)
    return list(zip(sources, compiled.files, strict=True))


def bytecode_problems(wheel: StoredWheel) -> list[str]:
    """Whatever bytecode of a wheel is not what was made, for any interpreter. Reads every file."""
    found = []
    for folder in sorted((wheel.folder / "bytecode").glob("*")):
        compiled = _compiled_in(folder)
        for file in compiled.files if compiled is not None else ():
            with suppress(OSError):
                if record_digest_of(folder / file.path) == file.digest:
                    continue
            found.append(f"{file.path} was changed or is missing")
    return found


def _compiled_in(folder: Path) -> _Compiled | None:
    """What was compiled into ``folder``; None if it is not there, or not as we write it."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode((folder / _RECEIPT).read_bytes(), type=_Compiled)
    return None


def _compile_wheel(store: Store, wheel: StoredWheel, workers: _Workers) -> None:
    place = wheel.bytecode(workers.compiler.cache_tag)
    if _compiled_in(place) is not None:
        return
    with store.workshop() as folder:
        made = folder / "bytecode"
        made.mkdir()
        failed = frozenset(workers.compile(wheel, made))
        names = [file.path for file in wheel.receipt.sources() if file.path not in failed]
        files = tuple(_closed(made, workers.compiler.compiled_name(name)) for name in names)
        (made / _RECEIPT).write_bytes(msgspec.json.encode(_Compiled(files, failed)))
        publish(made, place)


def _closed(folder: Path, path: str) -> StoredFile:
    """A file that was made, from now on to be read only."""
    file = folder / path
    file.chmod(0o444)
    status = file.stat()
    return StoredFile(path, record_digest_of(file), status.st_size, changed=status.st_mtime_ns)


@contextmanager
def _workers(compiler: Compiler) -> Iterator[_Workers]:
    workers = _Workers(compiler)
    try:
        yield workers
    finally:
        workers.stop()


class _Workers:
    """Processes of the target interpreter; one thread feeds each.

    Compiling a large source takes fifty times its size in memory, and the process keeps most of that. So only one
    is compiled at a time, and its process ends after it.
    """

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler
        self.count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self.count)
        self._idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
        self._started: list[subprocess.Popen[str]] = []
        self._large = Lock()

    def give_up(self) -> None:
        """End the processes whatever they are at: nobody wants the answers any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._started:
            process.kill()

    def stop(self) -> None:
        """End the processes; each has answered all it was asked."""
        self._threads.shutdown(cancel_futures=True)
        with suppress(Empty):
            while True:
                self._idle.get_nowait().communicate()

    def compile(self, wheel: StoredWheel, target: Path) -> list[str]:
        """Compile the sources of a wheel into ``target``; the answer is which of them do not compile."""
        files = sorted(wheel.receipt.sources(), key=lambda file: file.size)
        small = [self._job(wheel, file.path, target) for file in files if file.size < _LARGE]
        large = [self._job(wheel, file.path, target) for file in files if file.size >= _LARGE]
        failed = [*self._threads.map(self._ask, _batches(small)), *self._threads.map(self._ask_alone, _batches(large))]
        prefix = f"{wheel.files}/"
        return [name.removeprefix(prefix) for names in failed for name in names]

    def _job(self, wheel: StoredWheel, path: str, target: Path) -> list[str]:
        return [f"{wheel.files}/{path}", f"{target}/{self.compiler.compiled_name(path)}", path]

    def _take(self) -> subprocess.Popen[str]:
        """An idle process; a new one if none is idle, for there are as many threads as processes at most."""
        try:
            return self._idle.get_nowait()
        except Empty:
            pipe = subprocess.PIPE
            command = self.compiler.command()
            process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", **_APART)
            self._started.append(process)
            return process

    def _ask(self, jobs: list[list[str]]) -> list[str]:
        process = self._take()
        try:
            return self._exchange(process, jobs)
        finally:
            self._idle.put(process)

    def _ask_alone(self, jobs: list[list[str]]) -> list[str]:
        with self._large:
            process = self._take()
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
            raise AnswerIsNo("interpreter-broken", f"{self.compiler.python} stopped while compiling")
        return _understood(answer)


def _understood(answer: str) -> list[str]:
    """The sources that do not compile.

    :raises OSError: what the operating system said to the process
    """
    found = json.loads(answer)
    if isinstance(found, dict):
        raise OSError(*found["error"])
    return [str(name) for name in found]


def _batches(jobs: list[list[str]]) -> Iterator[list[list[str]]]:
    for start in range(0, len(jobs), _BATCH):
        yield jobs[start : start + _BATCH]
