"""Metadata and wheels of everything without a wheel on an index: without a build where that is safe."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore

import msgspec

from mvlock.base.concurrency import Memo, processors
from mvlock.base.locks import file_lock
from mvlock.base.urls import without_credentials
from mvlock.base.wheel_paths import import_names, is_described_by
from mvlock.build import records
from mvlock.build.archive import read_member
from mvlock.build.asked import AskedBuilds
from mvlock.build.backend import BuildJob, Kind, build_metadata, build_wheel
from mvlock.build.built_metadata import BuiltMetadata
from mvlock.build.logs import log_path
from mvlock.build.names import declared_names, recorded_names, static_names
from mvlock.build.ports import BuildEnvironments
from mvlock.build.records import Records
from mvlock.build.source_tree import BuildSource, SourcePorts, SourceTrees
from mvlock.build.static import SourceDescription, static_package_info
from mvlock.errors import BadArtifact
from mvlock.index.metadata import MetadataText, parse_metadata, read_metadata
from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.project.model import PathSource
from mvlock.resolver.ports import DirectReference, LockedSource
from mvlock.store.store import Store, StoredWheel


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
        self, source_trees: SourceTrees, environments: BuildEnvironments, settings: BuilderSettings, ports: SourcePorts
    ) -> None:
        self._source_trees = source_trees
        self._environments = environments
        self._settings = settings
        self._records = Records(settings.cache, settings.environment)
        self._reporter = ports.reporter
        self._processes = ports.processes
        self._store = Store(settings.cache)
        self._threads = ThreadPoolExecutor(processors())
        self._places = BoundedSemaphore(processors())
        self._metadata: Memo[str, CoreMetadata] = Memo(self._threads)
        self._import_names: Memo[str, tuple[str, ...]] = Memo(self._threads)
        self._locked_sources: Memo[str, LockedSource] = Memo(self._threads)
        self._asked = AskedBuilds()

    def close(self) -> None:
        """End all that is under way, and report what was built although nothing was to be installed."""
        self.stop()
        self._threads.shutdown(cancel_futures=True)
        self._asked.report(self._reporter)

    def stop(self) -> None:
        """See ``MetadataBuilder.stop``."""
        self._processes.stop()

    def read_ahead(self, sources: Iterable[BuildSource]) -> None:
        """See ``MetadataBuilder.read_ahead``."""
        for source in sources:
            self._metadata.start(repr(source), partial(self._read, source))

    def metadata(self, source: BuildSource) -> CoreMetadata:
        """See ``MetadataBuilder.metadata``."""
        return self._metadata.get(repr(source), partial(self._read, source))

    def import_names(self, source: BuildSource) -> tuple[str, ...]:
        """See ``MetadataBuilder.import_names``."""
        return self._import_names.get(repr(source), partial(self._names, source))

    def locked_source(self, source: DirectReference) -> LockedSource:
        """See ``MetadataBuilder.locked_source``."""
        return self._locked_sources.get(repr(source), partial(self._source_trees.locked_source, source))

    def wheel(self, source: BuildSource, *, editable: bool = False, only_asked: bool = False) -> StoredWheel:
        """The wheel of a source, in the store. ``only_asked``: not to be installed.

        :raises BadArtifact: ``build-failed``, or the source or the wheel is not what it must be
        """
        archive = self._source_trees.archive(source)
        if archive is not None and archive.suffix == ".whl":
            return self._store.add_file(archive)
        kind: Kind = "editable" if editable else "wheel"
        record = self._records.path(kind, self._source_trees.key(source, editable=editable))
        found = self._recorded_wheel(record)
        if found is not None:
            return found
        with file_lock(Path(f"{record}.lock")):
            found = self._recorded_wheel(record)
            if found is None:
                with self._asked.build(source, describe(source)) if only_asked else nullcontext():
                    found = self._build(source, kind, record)
                records.write(record, _BuiltWheel(found.receipt.wheel, found.receipt.sha256))
        return found

    def version(self, source: PathSource, *, refresh: bool = False) -> str:
        """A folder's version from its backend, kept until the files that control builds change, unless ``refresh``.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``
        """
        record = self._records.path("version", self._source_trees.key(source, editable=True), refresh=refresh)
        return self._records.cached(record, MetadataText, lambda: self._prepare(source, record)).version

    def editable_metadata(self, source: PathSource, *, refresh: bool = False) -> BuiltMetadata:
        """Like ``version``, after an editable build, which may have written files into the folder.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``
        """
        record = self._records.path("built", self._source_trees.key(source, editable=True), refresh=refresh)
        return self._records.cached(record, BuiltMetadata, lambda: self._build_editable(source, record))

    def _read(self, source: BuildSource) -> CoreMetadata:
        return parse_metadata(self._text(source), describe(source))

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
        record = self._records.path("metadata", self._source_trees.key(source))
        return self._records.cached(record, MetadataText, lambda: self._prepare(source, record))

    def _prepare(self, source: BuildSource, record: Path) -> MetadataText:
        with self._job(source, record) as (description, job):
            static = description.metadata()
            if static is not None:
                return static
            with self._asked.build(source, describe(source)):
                content = build_metadata(job, self._environments)
            return read_metadata(content, describe(source))

    def _build_editable(self, source: PathSource, record: Path) -> BuiltMetadata:
        """What an editable wheel says; the wheel itself is not kept."""
        with self._job(source, record) as (_, job):
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
            if static is None:
                with self._store.temporary_folder() as place, self._source_trees.unpacked(source, place) as folder:
                    static = recorded_names(folder) or static_names(SourceDescription.read(folder))
        if static is not None:
            return static
        receipt = self.wheel(source, only_asked=True).receipt
        return import_names(file.path for file in receipt.files)

    def _build(self, source: BuildSource, kind: Kind, record: Path) -> StoredWheel:
        with self._job(source, record) as (_, job):
            wheel = self._store.add_file(build_wheel(job, self._environments, kind))
            self._reporter.count("distributions built")
            return wheel

    @contextmanager
    def _job(self, source: BuildSource, record: Path) -> Iterator[tuple[SourceDescription, BuildJob]]:
        """A source tree, and how to build it. There are as many at once as there are processors.

        ``record`` is where the result will be: holding its lock also gives exclusive use of the log.
        """
        name = describe(source)
        log = log_path(self._settings.cache, name, record.name)
        with (
            self._places,
            self._reporter.task("Building", item=name),
            self._store.temporary_folder() as temporary_folder,
            self._source_trees.unpacked(source, temporary_folder) as folder,
        ):
            found = SourceDescription.read(folder)
            yield found, BuildJob(found.folder, name, found.backend, log, temporary_folder, self._processes)

    def _folder(self, source: PathSource) -> Path:
        self._source_trees.archive(source)  # fails if it is not there
        return source.path

    def _recorded_wheel(self, record: Path) -> StoredWheel | None:
        recorded = records.read(record, _BuiltWheel)
        return None if recorded is None else self._store.find(recorded.sha256)


def describe(source: BuildSource) -> str:
    """The name of a source for users."""
    if isinstance(source, IndexFile):
        return source.filename
    if isinstance(source, PathSource):
        return source.relative
    return without_credentials(source.url)


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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadArtifact("wheel-invalid", f"{wheel.name} cannot be read: {error}") from error
