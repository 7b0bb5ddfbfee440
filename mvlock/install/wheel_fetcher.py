"""Brings what a plan needs into the store: it is there, or an index has it, or it must be built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.base.digests import strong_hashes
from mvlock.base.memory import share_heap
from mvlock.errors import BadArtifact, NetworkFailure
from mvlock.index.model import FileIndex, IndexFile
from mvlock.lock.model import LockedFile, LockedPackage
from mvlock.plan.model import WantedDistribution
from mvlock.progress import BYTES, Reporter, Task
from mvlock.store.file_workers import FileWorkers
from mvlock.store.model import WheelReference
from mvlock.store.store import Store, StoredWheel
from mvlock.store.verify import discard_changed, discard_damaged

_CONCURRENCY = 8


class WheelBuilder(Protocol):
    """Builds what no index offers as a wheel."""

    def wheel_of(self, package: LockedPackage, sdist: IndexFile | None) -> StoredWheel:
        """The wheel of a direct reference, or of ``sdist`` if given; built unless that was done before.

        :raises BadArtifact: ``build-failed``, ``hash-mismatch``
        """

    def stop(self) -> None:
        """End the builds under way; later ones fail."""


class WheelFetcher:
    """Brings distributions into the store. Safe for several threads.

    An entry that has changed since it was stored is replaced; with ``thorough``, all of it is read to find out.
    ``cache_tag``: whose bytecode is needed.
    """

    def __init__(
        self,
        store: Store,
        index: Callable[[], FileIndex],
        builder: WheelBuilder,
        reporter: Reporter,
        *,
        workers: FileWorkers,
        cache_tag: str | None = None,
        thorough: bool = False,
    ) -> None:
        self._store = store
        self._index = index
        self._builder = builder
        self._reporter = reporter
        self._workers = workers
        self._cache_tag = cache_tag
        self._thorough = thorough

    def fetch(self, wanted: Iterable[WantedDistribution]) -> Iterator[tuple[str, StoredWheel]]:
        """The identity of each, with its entry in the store, as they become available.

        An entry lists all its files, so keeping many entries takes much memory.

        :raises BadArtifact: a file is not what the lock says, or cannot be built
        :raises NetworkFailure: a file cannot be fetched
        """
        items, missing = list({item.identity: item for item in wanted}.values()), []
        with ThreadPoolExecutor(self._workers.count) as threads:
            for item, found in zip(items, threads.map(self._find, items), strict=True):
                if found is None:
                    missing.append(item)
                else:
                    yield item.identity, found
        if missing:
            yield from self._add_all(missing)

    def _find(self, item: WantedDistribution) -> StoredWheel | None:
        found = in_store(self._store, item)
        return None if found is None else self._intact(found)

    def _intact(self, stored: StoredWheel) -> StoredWheel | None:
        """An entry without what was damaged in it; None if that was all of it."""
        problems = (
            discard_damaged(self._store, stored)
            if self._thorough
            else discard_changed(self._store, stored, self._cache_tag, self._workers)
        )
        if problems:
            self._reporter.note(f"{stored.receipt.wheel} in the cache was damaged: {problems[0]}")
        return self._store.find(stored.receipt.sha256)

    def _add_all(self, missing: list[WantedDistribution]) -> Iterator[tuple[str, StoredWheel]]:
        share_heap()
        files = [item.file for item in missing if item.file is not None and item.from_wheel]
        with (
            self._reporter.task("Fetching", total=len(missing), unit="wheels") as task,
            self._reporter.task("Downloading", total=sum(file.size or 0 for file in files), unit=BYTES) as download,
            ThreadPoolExecutor(_CONCURRENCY) as threads,
        ):

            def work(item: WantedDistribution) -> tuple[str, StoredWheel]:
                wheel = self._add(item, download)
                task.advance(item=f"{item.package.name} {item.package.version}")
                return item.identity, wheel

            futures = {threads.submit(work, item) for item in missing}
            try:
                for future in as_completed(futures):
                    futures.discard(future)
                    yield future.result()
            except BaseException as error:
                self._builder.stop()
                if not isinstance(error, Exception):  # after an error, what the index has now may be the hint
                    self._index().close()  # else an interrupt would wait for whole downloads
                    self._store.stop_adding()
                raise
            finally:
                threads.shutdown(wait=False, cancel_futures=True)

    def _add(self, item: WantedDistribution, task: Task) -> StoredWheel:
        if item.file is None or not item.from_wheel:
            return self._intact(self._make(item)) or self._make(item)
        reference = WheelReference(item.file.name, item.file.hashes["sha256"])
        return self._store.add(reference, lambda target: self._download(item, target, task))

    def _make(self, item: WantedDistribution) -> StoredWheel:
        sdist = self._located(item.package, item.file) if item.file is not None else None
        return self._builder.wheel_of(item.package, sdist)

    def _download(self, item: WantedDistribution, target: Path, task: Task) -> None:
        if item.file is None:
            raise TypeError("only files of an index are downloaded")
        name = f"{item.package.name} {item.package.version}"
        file = self._located(item.package, item.file)
        self._index().download(file, target, lambda amount: task.advance(amount, item=name))
        self._reporter.count("distributions downloaded")
        self._reporter.count("bytes downloaded", target.stat().st_size)

    def _located(self, package: LockedPackage, file: LockedFile) -> IndexFile:
        """The file on the index; a yank since it was locked is reported, and changes nothing (PEP 592)."""
        found = locate(self._index(), package, file)
        if found.yanked is not None:
            reason = f": {found.yanked}" if found.yanked else ""
            self._reporter.note(f"{package.name} {package.version} is yanked{reason}")
        return found


def in_store(store: Store, item: WantedDistribution) -> StoredWheel | None:
    """The store's entry of a wheel from an index; None for what must be built, which only the maker can find."""
    if item.file is None or not item.from_wheel:
        return None
    return store.find(item.file.hashes["sha256"])


def locate(index: FileIndex, package: LockedPackage, file: LockedFile) -> IndexFile:
    """The file on the index, with the hashes and the size from the lock; those that the index states are ignored.

    :raises NetworkFailure: ``file-missing`` when the index that the lock names no longer has it
    :raises BadArtifact: ``hash-missing`` when the lock has no strong hash
    """
    if not strong_hashes(file.hashes):
        raise BadArtifact("hash-missing", f"the lock has no strong hash of {file.name}, so it is not installed")
    found = index.file(canonicalize_name(package.name), file.name, package.index)
    if found is not None:
        return replace(found, hashes=file.hashes, size=found.size if file.size is None else file.size)
    raise NetworkFailure(
        "file-missing",
        f"{file.name} of {package.name} {package.version} is locked, "
        f"but no index has it any more that it may come from: {package.index}",
        hint=f"run `mvlock resolve --upgrade-package {package.name}`",
        facts={"file": file.name, "index": package.index},
    )
