"""The store on disk: what it holds, and how an entry is made once although many processes want it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from threading import Event, Lock

import msgspec

from mvlock.base.digests import is_sha256, sha256_of
from mvlock.base.drafts import draft_folder
from mvlock.base.locks import file_lock
from mvlock.base.os_errors import NOT_WRITABLE
from mvlock.base.sealed import sealed, unsealed
from mvlock.errors import BadArtifact
from mvlock.store.model import RECEIPT_FORMAT, WheelReceipt, WheelReference

STORE_FOLDER = f"store-{RECEIPT_FORMAT}"
"""Versions of mvlock that cannot read each other's entries use different folders, so they never replace them."""

IMPORTSHIM_FOLDER = "own"
"""Folder in the store: the bytecode of importshim, by a hash of its sources."""

SYMLINKED = "pointed-at"
"""File in an entry: a tree has, or once had, symbolic links to its files."""

_RECEIPT = "receipt"

_REMEMBERED = 48
"""How many entries are kept in memory: more than most trees have; an entry lists all its files."""


class StoredWheel(msgspec.Struct, frozen=True):
    """One entry: its ``folder``, and its content as ``receipt``."""

    folder: Path
    receipt: WheelReceipt

    @property
    def files(self) -> Path:
        """The folder of the archive's members."""
        return self.folder / "files"

    def spare(self, number: int) -> Path:
        """A folder of further copies of native files, made on demand for libraries that are loaded more than once."""
        return self.folder / "spare" / str(number)

    def spares(self) -> list[Path]:
        """All existing folders of further copies."""
        return sorted((self.folder / "spare").glob("*"))

    def bytecode(self, cache_tag: str) -> Path:
        """The folder of bytecode for ``cache_tag`` (PEP 3147), which may not exist yet."""
        return bytecode_folder(self.folder, cache_tag)


def bytecode_folder(entry: Path, cache_tag: str) -> Path:
    """The folder of an entry's bytecode for ``cache_tag`` (PEP 3147)."""
    return entry / "bytecode" / cache_tag


class Store:
    """All entries under one cache directory. Safe for many threads and processes at once."""

    def __init__(self, cache: Path) -> None:
        self.root = cache / STORE_FOLDER
        self._unpacking = Lock()  # one at a time: each takes memory, and the processors are busy compiling
        self._stopped = Event()
        self._read = lru_cache(_REMEMBERED)(self._read_entry)  # trees have much in common

    def find(self, sha256: str) -> StoredWheel | None:
        """The entry with this hash, or None. An entry that exists is complete."""
        try:
            status = os.stat(self.place(sha256) / _RECEIPT)  # noqa: PTH116  # once for each distribution
            return self._read(sha256, (status.st_ino, status.st_ctime_ns))
        except (FileNotFoundError, ValueError, msgspec.DecodeError):
            return None

    def get(self, sha256: str) -> StoredWheel:
        """The entry with this hash, which is known to have existed.

        :raises BadArtifact: ``store-corrupt`` if it is gone
        """
        found = self.find(sha256)
        if found is None:
            raise BadArtifact("store-corrupt", f"the store entry {sha256} cannot be read")
        return found

    def entries(self) -> Iterator[StoredWheel]:
        """Every entry that can be read, in the order of the hashes."""
        for folder in self._places():
            found = self.find(folder.name) if is_sha256(folder.name) else None
            if found is not None:
                yield found

    def unreadable(self) -> list[Path]:
        """What is in the place of an entry, but is none."""
        return [path for path in self._places() if not is_sha256(path.name) or self.find(path.name) is None]

    def discard(self, stored: StoredWheel, folder: Path, damaged: Callable[[], object]) -> None:
        """Remove ``folder``, an entry or a part of it, if it is ``damaged``; trees keep their files.

        That is checked while nothing else can repair it.
        """
        with self._locked(stored.receipt.sha256):
            if damaged():
                self.remove(folder)

    def remove(self, folder: Path) -> None:
        """Remove a folder of the store, at once for all others: who is killed meanwhile leaves no half of it."""
        with self.temporary_folder() as doomed, suppress(FileNotFoundError):
            folder.rename(doomed / folder.name)

    def add(self, reference: WheelReference, fetch: Callable[[Path], object]) -> StoredWheel:
        """The entry for ``reference``; if it is new, made from what ``fetch`` writes to the path that it is given.

        :raises BadArtifact: ``hash-mismatch``, and all of :func:`mvlock.store.unpack.unpack`
        """
        found = self.find(reference.sha256)
        if found is not None:  # before locking, so that a read-only cache works too
            return found
        with self._locked(reference.sha256):
            return self.find(reference.sha256) or self._make(reference, fetch)

    def stop_adding(self) -> None:
        """Let no wheel be unpacked any more: ``add`` in other threads raises ``CancelledError`` soon."""
        self._stopped.set()

    def add_file(self, wheel: Path) -> StoredWheel:
        """The entry for a local wheel (one that was built here)."""
        reference = WheelReference(wheel.name, sha256_of(wheel))
        return self.add(reference, lambda target: _copy(wheel, target))

    def record_symlinks(self, sha256: str) -> bool:
        """Record for good that a tree has symbolic links to an entry: the tree may move, so it cannot be found later.

        False if that cannot be recorded because the store is read-only.
        """
        note = self.place(sha256) / SYMLINKED
        try:
            if not note.exists():
                note.touch()
        except OSError as error:
            if error.errno not in NOT_WRITABLE:
                raise
            return False
        return True

    def make_spare(self, source: str, spare: str) -> None:
        """Make ``spare`` (in ``StoredWheel.spare``) a copy of an entry's file with the same time, unless it is one."""
        original = os.stat(source)  # noqa: PTH116  # hundreds of them
        with suppress(FileNotFoundError):
            existing = os.stat(spare)  # noqa: PTH116  # as above
            if (existing.st_size, existing.st_mtime_ns) == (original.st_size, original.st_mtime_ns):
                return
        Path(spare).parent.mkdir(parents=True, exist_ok=True)
        with self.temporary_folder() as folder:
            draft = shutil.copy2(source, folder)
            Path(draft).replace(spare)

    def temporary_folder(self) -> AbstractContextManager[Path]:
        """A folder on the store's file system that is removed at the end."""
        return draft_folder(self.root)

    def _places(self) -> list[Path]:
        return sorted((self.root / "wheels").glob("*/*"))

    def _read_entry(self, sha256: str, _state: tuple[int, ...]) -> StoredWheel:
        folder = self.place(sha256)
        receipt = msgspec.json.decode(unsealed((folder / _RECEIPT).read_bytes()), type=WheelReceipt)
        if receipt.format != RECEIPT_FORMAT:
            raise FileNotFoundError(folder)
        return StoredWheel(folder, receipt)

    def place(self, sha256: str) -> Path:
        """The folder of an entry; the digest comes from outside, from an index page or a lock.

        :raises BadArtifact: ``hash-missing`` if it is not a sha256
        """
        if not is_sha256(sha256):
            raise BadArtifact("hash-missing", f"{sha256!r} is not a sha256: it must be 64 hexadecimal digits")
        return self.root / "wheels" / sha256[:2] / sha256

    @contextmanager
    def _locked(self, sha256: str) -> Iterator[None]:
        locks = self.root / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with file_lock(locks / f"{sha256}.lock"):
            yield

    def _make(self, reference: WheelReference, fetch: Callable[[Path], object]) -> StoredWheel:
        from mvlock.store.unpack import unpack

        place = self.place(reference.sha256)
        with self.temporary_folder() as folder:
            archive = folder / reference.filename
            fetch(archive)
            _check_hash(archive, reference)
            entry = folder / "entry"
            with self._unpacking:
                receipt = unpack(archive, reference, entry / "files", self._stopped)
            (entry / _RECEIPT).write_bytes(sealed(msgspec.json.encode(receipt)))
            move_into_place(entry, place)
        return StoredWheel(place, receipt)


def move_into_place(finished: Path, place: Path) -> None:
    """Move a finished folder into place; anything unreadable that is there is removed first."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        shutil.rmtree(place)
    finished.rename(place)


def _check_hash(archive: Path, reference: WheelReference) -> None:
    got = sha256_of(archive)
    if got != reference.sha256:
        raise BadArtifact(
            "hash-mismatch",
            f"{reference.filename} is not the file that was locked: expected sha256 {reference.sha256}, got {got}",
            facts={"file": reference.filename, "expected": reference.sha256, "got": got},
        )


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
