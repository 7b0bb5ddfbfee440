"""Metadata and wheels of everything without a wheel on an index: without a build where that is safe."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from mvlock.base import atomic
from mvlock.base.locks import file_lock
from mvlock.base.wheel_paths import import_names, is_described_by
from mvlock.build.archive import read_member
from mvlock.build.backend import BuildJob, Kind, build_metadata, build_wheel
from mvlock.build.built_metadata import BuiltMetadata
from mvlock.build.logs import log_path
from mvlock.build.names import declared_names, static_names
from mvlock.build.ports import BuildEnvironments
from mvlock.build.source_tree import BuildSource, SourceTrees
from mvlock.build.static import SourceDescription, static_package_info
from mvlock.errors import BadArtifact
from mvlock.index.metadata import MetadataText, parse_metadata, read_metadata
from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.progress import Reporter
from mvlock.project.model import PathSource
from mvlock.resolver.ports import DirectReference, LockedSource
from mvlock.store.store import Store, StoredWheel

_BUILDS = "builds-1"
_T = TypeVar("_T")


class _BuiltWheel(msgspec.Struct, frozen=True):
    """The result of a build: the wheel in the store."""

    wheel: str
    sha256: str


class BuilderSettings(msgspec.Struct, frozen=True):
    """``cache`` is the cache directory; ``environment`` is what builds may differ by: interpreter, constraints."""

    cache: Path
    environment: str


class Builder:
    """Metadata, import names and wheels of direct references and sdists (MetadataBuilder). Thread-safe.

    A wheel is built once per source, cache tag (``cpython-311``), platform and build constraints; the store keeps it.
    """

    def __init__(
        self, source_trees: SourceTrees, environments: BuildEnvironments, settings: BuilderSettings, reporter: Reporter
    ) -> None:
        self._source_trees = source_trees
        self._environments = environments
        self._settings = settings
        self._reporter = reporter
        self._store = Store(settings.cache)
        self._known: dict[tuple[str, str], object] = {}
        self._lock = threading.RLock()

    def metadata(self, source: BuildSource) -> CoreMetadata:
        """See ``MetadataBuilder.metadata``."""
        return self._memoised("metadata", source, lambda: parse_metadata(self._text(source), describe(source)))

    def import_names(self, source: BuildSource) -> tuple[str, ...]:
        """See ``MetadataBuilder.import_names``."""
        return self._memoised("names", source, lambda: self._names(source))

    def locked_source(self, source: DirectReference) -> LockedSource:
        """See ``MetadataBuilder.locked_source``."""
        return self._memoised("locked source", source, lambda: self._source_trees.locked_source(source))

    def wheel(self, source: BuildSource, *, editable: bool = False) -> StoredWheel:
        """The wheel of a source, in the store.

        :raises BadArtifact: ``build-failed``, or the source or the wheel is not what it must be
        """
        archive = self._source_trees.archive(source)
        if archive is not None and archive.suffix == ".whl":
            return self._store.add_file(archive)
        record = self._record(
            source, "editable" if editable else "wheel", self._source_trees.key(source, editable=editable)
        )
        found = self._recorded_wheel(record)
        if found is not None:
            return found
        with file_lock(Path(f"{record}.lock")):
            found = self._recorded_wheel(record)
            if found is None:
                found = self._build(source, "editable" if editable else "wheel", record)
                _write_record(record, _BuiltWheel(found.receipt.wheel, found.receipt.sha256))
        return found

    def version(self, source: PathSource, *, refresh: bool = False) -> str:
        """A folder's version from its backend, kept until the files that control builds change, unless ``refresh``.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``
        """
        record = self._refreshed_record(source, "version", refresh)
        return self._cached(record, MetadataText, lambda: self._prepare(source, record)).version

    def editable_metadata(self, source: PathSource, *, refresh: bool = False) -> BuiltMetadata:
        """Like ``version``, after an editable build, which may have written files into the folder.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``
        """
        record = self._refreshed_record(source, "built", refresh)
        return self._cached(record, BuiltMetadata, lambda: self._build_editable(source, record))

    def _refreshed_record(self, source: PathSource, kind: str, refresh: bool) -> Path:
        record = self._record(source, kind, self._source_trees.key(source, editable=True))
        if refresh:
            with suppress(OSError):
                record.unlink()
        return record

    def _memoised(self, kind: str, source: BuildSource, compute: Callable[[], _T]) -> _T:
        key = (kind, repr(source))
        with self._lock:
            if key not in self._known:
                self._known[key] = compute()
            return self._known[key]  # type: ignore[return-value]  # the key determines the type

    def _text(self, source: BuildSource) -> MetadataText:
        archive = self._source_trees.archive(source)
        if archive is not None and archive.suffix == ".whl":
            return read_metadata(_wheel_metadata(archive), archive.name)
        if archive is not None:
            static = static_package_info(read_member(archive, "PKG-INFO"), archive.name)
            if static is not None:
                return static
        return self._text_of_source_tree(source)

    def _text_of_source_tree(self, source: BuildSource) -> MetadataText:
        if isinstance(source, PathSource) and source.path.is_dir():
            # The folder's pyproject.toml may be enough; then not even its hash is needed.
            static = SourceDescription.read(self._folder(source)).metadata()
            if static is not None:
                return static
        record = self._record(source, "metadata", self._source_trees.key(source))
        return self._cached(record, MetadataText, lambda: self._prepare(source, record))

    def _cached(self, record: Path, kind: type[_T], compute: Callable[[], _T]) -> _T:
        """The content of ``record``; computed and written if it is not there."""
        found = _read_record(record, kind)
        if found is not None:
            return found
        with file_lock(Path(f"{record}.lock")):
            found = _read_record(record, kind)
            if found is None:
                found = compute()
                _write_record(record, found)
            return found

    def _prepare(self, source: BuildSource, record: Path) -> MetadataText:
        with (
            self._store.temporary_folder() as temporary_folder,
            self._source_trees.unpacked(source, temporary_folder) as folder,
        ):
            description = SourceDescription.read(folder)
            static = description.metadata()
            if static is not None:
                return static
            self._reporter.detail(f"asking the build backend for the metadata of {describe(source)}")
            job = self._job(source, description, record, temporary_folder)
            return read_metadata(build_metadata(job, self._environments), describe(source))

    def _build_editable(self, source: PathSource, record: Path) -> BuiltMetadata:
        """What an editable wheel says; the wheel itself is not kept."""
        with (
            self._reporter.task(f"Building {describe(source)}"),
            self._store.temporary_folder() as temporary_folder,
            self._source_trees.unpacked(source, temporary_folder) as folder,
        ):
            job = self._job(source, SourceDescription.read(folder), record, temporary_folder)
            wheel = build_wheel(job, self._environments, "editable")
            version = read_metadata(_wheel_metadata(wheel), describe(source)).version
            return BuiltMetadata(version, _wheel_file(wheel, "entry_points.txt").decode(errors="replace"))

    def _names(self, source: BuildSource) -> tuple[str, ...]:
        archive = self._source_trees.archive(source)
        static = None
        if archive is None and isinstance(source, PathSource):
            static = static_names(SourceDescription.read(self._folder(source)))
        elif archive is not None and archive.suffix != ".whl":
            static = declared_names(archive)
        if static is not None:
            return static
        receipt = self.wheel(source).receipt
        return import_names(file.path for file in receipt.files)

    def _build(self, source: BuildSource, kind: Kind, record: Path) -> StoredWheel:
        with (
            self._reporter.task(f"Building {describe(source)}"),
            self._store.temporary_folder() as temporary_folder,
            self._source_trees.unpacked(source, temporary_folder) as folder,
        ):
            job = self._job(source, SourceDescription.read(folder), record, temporary_folder)
            return self._store.add_file(build_wheel(job, self._environments, kind))

    def _job(
        self, source: BuildSource, description: SourceDescription, record: Path, temporary_folder: Path
    ) -> BuildJob:
        """``record`` is where the result will be: holding its lock also gives exclusive use of the log."""
        name = describe(source)
        log = log_path(self._settings.cache, name, record.name)
        return BuildJob(description.folder, name, description.backend, log, temporary_folder)

    def _folder(self, source: PathSource) -> Path:
        self._source_trees.archive(source)  # fails if it is not there
        return source.path

    def _record(self, source: BuildSource, kind: str, key: str) -> Path:
        name = hashlib.sha256(f"{kind}\0{self._settings.environment}\0{key}".encode()).hexdigest()
        folder = self._settings.cache / _BUILDS
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def _recorded_wheel(self, record: Path) -> StoredWheel | None:
        recorded = _read_record(record, _BuiltWheel)
        return None if recorded is None else self._store.find(recorded.sha256)


def describe(source: BuildSource) -> str:
    """The name of a source for users."""
    if isinstance(source, IndexFile):
        return source.filename
    if isinstance(source, PathSource):
        return source.relative
    return source.url


def _read_record(record: Path, kind: type[_T]) -> _T | None:
    """The content of a record; None if it does not exist or is truncated."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(record.read_bytes(), type=kind)
    return None


def _write_record(record: Path, value: object) -> None:
    atomic.write(record, msgspec.json.encode(value))


def _wheel_metadata(wheel: Path) -> bytes:
    found = _wheel_file(wheel, "METADATA")
    if not found:
        raise BadArtifact("wheel-invalid", f"{wheel.name} has no METADATA")
    return found


def _wheel_file(wheel: Path, name: str) -> bytes:
    """A file in the ``.dist-info`` of a wheel; empty unless it is there exactly once."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = [path for path in archive.namelist() if is_described_by(path, name)]
            return archive.read(found[0]) if len(found) == 1 else b""
    except zipfile.BadZipFile as error:
        raise BadArtifact("wheel-invalid", f"{wheel.name} cannot be read: {error}") from error
