"""Bytecode, compiled once per wheel and cache tag (``cpython-311``), beside the wheel in the store.

The pyc files contain time and size of their source (timestamp-based pycs in PEP 552): links share the time, copies
keep it, and an edit of a source in a tree is noticed. An interpreter's ``cache_tag`` stands for its bytecode format.
A record beside the pyc files has their digests from when they were made, after its own.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mvlock.base.digests import record_digest_of
from mvlock.base.locks import file_lock
from mvlock.base.sealed import sealed, unsealed
from mvlock.errors import BadArtifact, UnmetRequest
from mvlock.progress import Reporter, Task
from mvlock.store.compiler import Compiler, Workers, worker_pool
from mvlock.store.intact import problems
from mvlock.store.model import StoredFile
from mvlock.store.processes import WorkerProcesses
from mvlock.store.store import IMPORTSHIM_FOLDER, Store, StoredWheel, move_into_place

if TYPE_CHECKING:
    from mvlock.store.file_workers import FileWorkers

_RECEIPT = "compiled"
_RECEIPT_IN_PLACE = f"__pycache__/{_RECEIPT}"
"""Where it is for bytecode that is beside its sources."""
_REMEMBERED = 48


class _Compiled(msgspec.Struct, frozen=True):
    """The pyc files of a wheel's sources, in order (paths as in ``bytecode/TAG``), and which sources do not compile."""

    files: tuple[StoredFile, ...]
    failed: frozenset[str]


@contextmanager
def compilation(store: Store, compiler: Compiler, reporter: Reporter) -> Iterator[Compilation]:
    """Compiles wheels on all processors while more are added; at the end of the block all are done.

    :raises UnmetRequest: ``interpreter-broken`` when the interpreter does not respond
    """
    with reporter.task("Compiling", total=0, unit="files") as task, worker_pool(compiler) as workers:
        running = Compilation(store, workers, task)
        try:
            yield running
            running.finish()
        except BaseException:
            workers.kill()
            raise
        finally:
            running.stop()


class Compilation:
    """Wheels of a store that are being compiled; see ``compilation``."""

    def __init__(self, store: Store, workers: Workers, task: Task) -> None:
        self._store = store
        self._workers = workers
        self._task = task
        self._threads = ThreadPoolExecutor(2 * workers.count)
        self._futures: list[Future[None]] = []

    def add(self, wheel: StoredWheel) -> None:
        """Compile a wheel, unless that was done."""
        if _compiled_in(wheel.bytecode(self._workers.compiler.cache_tag)) is None:
            self._task.grow(len(wheel.receipt.sources()))
            self._futures.append(self._threads.submit(self._compile, wheel.receipt.sha256))

    def finish(self) -> None:
        """Wait for all."""
        for future in self._futures:
            future.result()

    def stop(self) -> None:
        """Drop what has not begun."""
        self._threads.shutdown(cancel_futures=True)

    def _compile(self, sha256: str) -> None:
        with file_lock(self._store.root / "locks" / f"{sha256}.lock"):
            wheel = self._store.get(sha256)
            _compile_wheel(self._store, wheel, self._workers)
        self._task.advance(len(wheel.receipt.sources()), item=wheel.receipt.wheel)


def compile_in_place(store: Store, folder: Path, sources: Mapping[str, bytes], compiler: Compiler) -> None:
    """Compile ``sources`` in ``folder`` beside themselves, for good: Python no longer checks their time and content.

    For our own files, which must load quickly wherever they are copied. The store keeps the bytecode.

    :raises UnmetRequest: ``interpreter-broken``
    """
    digest = hashlib.sha256(compiler.cache_tag.encode())
    for name, content in sorted(sources.items()):
        digest.update(f"\0{name}\0{hashlib.sha256(content).hexdigest()}".encode())
    place = store.root / IMPORTSHIM_FOLDER / digest.hexdigest()
    if _problems(place, place / _RECEIPT):
        with store.temporary_folder() as temporary_folder:
            _compile_unchecked(folder, sorted(sources), temporary_folder / "made", compiler)
            with file_lock(store.root / "locks" / f"{place.name}.lock"):
                if _problems(place, place / _RECEIPT):
                    move_into_place(temporary_folder / "made", place)
    compiled = [compiler.compiled_name(name) for name in sources]
    for above in {name.rpartition("/")[0] for name in compiled}:
        (folder / above).mkdir(exist_ok=True)
    for name in compiled:
        shutil.copyfile(f"{place}/{name}", f"{folder}/{name}")
    shutil.copyfile(place / _RECEIPT, folder / _RECEIPT_IN_PLACE)


def problems_in_place(folder: Path) -> list[str]:
    """The bytecode from ``compile_in_place`` in ``folder`` that has changed since."""
    return _problems(folder, folder / _RECEIPT_IN_PLACE)


def _compile_unchecked(folder: Path, names: Sequence[str], target: Path, compiler: Compiler) -> None:
    jobs = [compiler.job(folder, name, target) for name in names]
    processes = WorkerProcesses(compiler.python, 1)
    try:
        failed = processes.ask("compile", True, jobs)
    finally:
        processes.end()
    if failed:
        raise UnmetRequest("interpreter-broken", f"{compiler.python} does not compile {names[failed[0]]}")
    _write_receipt(target, map(compiler.compiled_name, names), frozenset())


def compiled_sources(wheel: StoredWheel, compiler: Compiler) -> list[tuple[str, StoredFile]]:
    """The sources of a wheel that have bytecode, each with it, sorted; the others cannot be compiled."""
    compiled = _compiled_in(wheel.bytecode(compiler.cache_tag))
    if compiled is None:
        raise BadArtifact("store-corrupt", f"the bytecode of {wheel.receipt.wheel} in the cache cannot be read")
    sources = (file.path for file in wheel.receipt.sources() if file.path not in compiled.failed)
    return list(zip(sources, compiled.files, strict=True))


def bytecode_folders(wheel: StoredWheel) -> list[Path]:
    """The folders of a wheel's bytecode, for any interpreter."""
    return sorted((wheel.folder / "bytecode").glob("*"))


def compiled_problems(folder: Path, since: int = 0, workers: FileWorkers | None = None) -> list[str]:
    """The bytecode in ``folder`` that has changed since it was made; only what may have ``since`` is read."""
    return _problems(folder, folder / _RECEIPT, since, workers) if folder.exists() else []


def _problems(folder: Path, receipt: Path, since: int = 0, workers: FileWorkers | None = None) -> list[str]:
    compiled = _read_receipt(receipt)
    if compiled is None:
        return [f"the record of the bytecode in {folder.name} was changed or is missing"]
    return problems(str(folder), compiled.files, since, workers)


def _compiled_in(folder: Path) -> _Compiled | None:
    """What was compiled into ``folder``; None if it is not there, or not as we write it."""
    return _read_receipt(folder / _RECEIPT)


def _read_receipt(path: Path) -> _Compiled | None:
    with suppress(OSError, ValueError, msgspec.DecodeError):
        status = path.stat()
        return _read_compiled(path, (status.st_ino, status.st_ctime_ns, status.st_size))
    return None


@lru_cache(_REMEMBERED)
def _read_compiled(path: Path, _state: tuple[int, ...]) -> _Compiled:
    """A record by its path and the state of the file; trees have many wheels in common."""
    return msgspec.json.decode(unsealed(path.read_bytes()), type=_Compiled)


def _compile_wheel(store: Store, wheel: StoredWheel, workers: Workers) -> None:
    place = wheel.bytecode(workers.compiler.cache_tag)
    if _compiled_in(place) is not None:
        return
    with store.temporary_folder() as folder:
        output = folder / "bytecode"
        output.mkdir()
        failed = frozenset(workers.compile(wheel, output))
        names = [file.path for file in wheel.receipt.sources() if file.path not in failed]
        _write_receipt(output, map(workers.compiler.compiled_name, names), failed)
        move_into_place(output, place)


def _write_receipt(folder: Path, names: Iterable[str], failed: frozenset[str]) -> None:
    compiled = _Compiled(tuple(_finished_file(folder, name) for name in names), failed)
    (folder / _RECEIPT).write_bytes(sealed(msgspec.json.encode(compiled)))


def _finished_file(folder: Path, path: str) -> StoredFile:
    """Make a finished file read-only, and describe it."""
    file = folder / path
    file.chmod(0o444)
    return StoredFile(path, record_digest_of(file), file.stat().st_size)
