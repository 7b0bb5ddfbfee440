"""Writing an environment into an empty folder: links, files, interpreter, and the receipt last.

What is linked was found intact just before (``mvlock.store.intact``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from mvlock.environment.content import LinkedFile, TreeContent
from mvlock.environment.layout import Layout
from mvlock.environment.libraries import apply_edits
from mvlock.environment.link import Linker
from mvlock.interpreter.model import Interpreter
from mvlock.plan.receipt import TREE_RECEIPT, TreeReceipt
from mvlock.store.file_workers import FileWorkers

_BATCH = 512


class Assembler:
    """Makes environments for one interpreter; ``threads`` link files, themselves or by ``workers``."""

    def __init__(
        self, interpreter: Interpreter, linker: Linker, threads: ThreadPoolExecutor, workers: FileWorkers | None = None
    ) -> None:
        self.interpreter = interpreter
        self.layout = Layout.of(interpreter)
        self._linker = linker
        self._threads = threads
        self._workers = workers

    def write(self, folder: Path, content: TreeContent, receipt: TreeReceipt) -> None:
        """Fill ``folder``, which exists and is empty; the receipt is the last thing written."""
        folders = _Folders(folder)
        batches = _batches(content.linked.items())
        for _ in self._threads.map(lambda batch: self._link(folder, folders, batch), batches):
            pass
        for target in content.written:
            folders.make_above(target)
        for link, text in content.symlinks.items():
            folders.make_above(link)
            (folder / link).symlink_to(text)
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
        folders = _Folders(folder)
        folders.make(self.layout.site_packages)
        folders.make(self.layout.scripts)
        for name in self.layout.executables:
            (folder / self.layout.scripts / name).symlink_to(base)

    def _link(self, folder: Path, folders: _Folders, batch: list[tuple[str, LinkedFile]]) -> None:
        place_shared, place_private = self._linker.place_shared, self._linker.place_private
        root, last = str(folder), ""
        for target, file in self._left_over(root, batch):
            above = target.rpartition("/")[0]
            if above != last:  # most files are in the folder of the one before
                folders.make(above)
                last = above
            if file.private or file.spare:
                place_private(file.source, f"{root}/{target}", file.spare)
            else:
                place_shared(file.source, f"{root}/{target}")
            if file.edits:
                apply_edits(folder / target, file.edits)

    def _left_over(self, root: str, batch: list[tuple[str, LinkedFile]]) -> list[tuple[str, LinkedFile]]:
        """The files that ``workers`` do not link."""
        if self._workers is None or not self._linker.links_hard:
            return batch
        others = [item for item in batch if item[1].is_special]
        plain = [item for item in batch if not item[1].is_special]
        failed = self._workers.link(root, [(file.source, target) for target, file in plain])
        return others + [plain[number] for number in failed]


class _Folders:
    """Folders below ``root``, created when they are first needed. Safe for several threads."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._made = {""}

    def make_above(self, target: str) -> None:
        """Create the folder of a file; POSIX, relative to the root."""
        self.make(target.rpartition("/")[0])

    def make(self, folder: str) -> None:
        """Create a folder and all above it; POSIX, relative to the root."""
        if folder in self._made:
            return
        self.make_above(folder)
        with suppress(FileExistsError):
            os.mkdir(f"{self._root}/{folder}")  # noqa: PTH102  # thousands of them
        self._made.add(folder)


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
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o444) >> 2)
