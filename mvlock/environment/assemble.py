"""Writing an environment into an empty folder: links, files, interpreter, and the receipt last."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from mvlock.environment.content import LinkedFile, TreeContent, folders_of
from mvlock.environment.layout import Layout
from mvlock.environment.libraries import apply
from mvlock.environment.link import Linker
from mvlock.errors import BadArtifact
from mvlock.interpreter import Interpreter
from mvlock.plan.receipt import TREE_RECEIPT, TreeReceipt
from mvlock.store import StoredFile
from mvlock.store.store import sha256_of

_BATCH = 512


class Assembler:
    """Makes environments of one interpreter; ``threads`` link files."""

    def __init__(self, interpreter: Interpreter, linker: Linker, threads: ThreadPoolExecutor) -> None:
        self.interpreter = interpreter
        self.layout = Layout.of(interpreter)
        self._linker = linker
        self._threads = threads

    def write(self, folder: Path, content: TreeContent, receipt: TreeReceipt) -> None:
        """Fill ``folder``, which exists and is empty; the receipt is the last thing written."""
        _make_folders(folder, [*content.linked, *content.written, f"{self.layout.scripts}/python"])
        batches = _batches(content.linked.items())
        for _ in self._threads.map(lambda batch: self._link(folder, batch), batches):
            pass
        for link, beside in content.symlinks.items():
            (folder / link).symlink_to(beside)
        for target, file in content.written.items():
            _write(folder / target, file.content, executable=file.executable)
        self.add_interpreter(folder)
        _write(folder / TREE_RECEIPT, msgspec.json.encode(receipt))

    def add_interpreter(self, folder: Path) -> None:
        """Make ``folder`` a virtual environment (PEP 405): ``pyvenv.cfg`` and the interpreter's names."""
        base = self.interpreter.path
        settings = {
            "home": base.parent,
            "include-system-site-packages": "false",
            "version": self.interpreter.version,
        }
        text = "".join(f"{key} = {value}\n" for key, value in settings.items())
        _write(folder / "pyvenv.cfg", text.encode())
        _make_folders(folder, [f"{self.layout.scripts}/python", f"{self.layout.site_packages}/x"])
        for name in self.layout.executables:
            (folder / self.layout.scripts / name).symlink_to(base)

    def _link(self, folder: Path, batch: list[tuple[str, LinkedFile]]) -> None:
        share, separate = self._linker.share, self._linker.separate
        for target, file in batch:
            if file.stored is not None:
                _check(file.source, file.stored, file.wheel)
            (separate if file.private else share)(file.source, f"{folder}/{target}")
            if file.edits:
                apply(folder / target, file.edits)


def _check(source: str, stored: StoredFile, wheel: str) -> None:
    """Whether a file of the store is as it was: by size and time, by its content where they differ.

    :raises BadArtifact: ``store-corrupt``
    """
    try:
        status = os.stat(source)  # noqa: PTH116  # thousands of them
        if status.st_size == stored.size and status.st_mtime_ns == stored.changed:
            return
        if sha256_of(Path(source)) == stored.sha256:
            return
        reason = f"{stored.path} was changed"
    except FileNotFoundError:
        reason = f"{stored.path} is missing"
    raise BadArtifact(
        "store-corrupt",
        f"{wheel} in the cache is not what was put there: {reason}",
        hint="`mvlock install --repair` fetches it anew",
        facts={"wheel": wheel, "file": source},
    )


def _make_folders(folder: Path, targets: Iterable[str]) -> None:
    for parent in sorted(folders_of(targets)):
        with suppress(FileExistsError):
            os.mkdir(f"{folder}/{parent}")  # noqa: PTH102  # thousands of them


def _batches(items: Iterable[tuple[str, LinkedFile]]) -> Iterator[list[tuple[str, LinkedFile]]]:
    batch: list[tuple[str, LinkedFile]] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _write(path: Path, content: bytes, *, executable: bool = False) -> None:
    path.write_bytes(content)
    if executable:
        path.chmod(0o755)
