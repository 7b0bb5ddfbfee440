"""Everything the solves know about distributions, read once through the ports, for all trees and targets."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from packaging.utils import NormalizedName

from mvlock.codes import Code
from mvlock.errors import BadArtifact
from mvlock.index.model import CoreMetadata, PackageIndex, ProjectStatus
from mvlock.progress import Count, count_nothing
from mvlock.resolver.need import ExtraNeeds, Need, need
from mvlock.resolver.ports import MetadataBuilder
from mvlock.resolver.release import Release, ReleaseTable, where_release
from mvlock.resolver.release_filter import Rules, table_of
from mvlock.resolver.target_set import TargetMatrix

# Permanent faults of one release; another release may do. A failed build or a wrong hash is reported instead: the
# user can fix the one, must know of the other, and trying every older version would take long.
_SKIPPED_CODES = frozenset({"metadata-invalid", "wheel-invalid", "sdist-invalid"})


class Ports(msgspec.Struct, frozen=True):
    """The ports: the indexes, what builds metadata, and who is told of ``conflicts`` and ``versions tried``."""

    index: PackageIndex
    builder: MetadataBuilder
    count: Count = count_nothing


class Dependency(msgspec.Struct, frozen=True):
    """A need of a release and the targets on which its marker is true."""

    need: Need
    target_bits: int


class Unusable(msgspec.Struct, frozen=True):
    """Why a release cannot be used although the index offers it: a code and a sentence."""

    code: Code
    text: str


class _ReadCache(msgspec.Struct, frozen=True):
    """What was read, whatever the targets."""

    tables: dict[str, ReleaseTable] = msgspec.field(default_factory=dict)
    metadata: dict[Release, CoreMetadata | Unusable] = msgspec.field(default_factory=dict)
    needs: dict[Release, tuple[Need, ...]] = msgspec.field(default_factory=dict)


class Catalogue:
    """Releases and their dependencies, each read at most once. Reading may block on the network."""

    def __init__(self, matrix: TargetMatrix, ports: Ports, rules: Rules, cache: _ReadCache | None = None) -> None:
        self.matrix = matrix
        self.ports = ports
        self.rules = rules
        self._cache = cache or _ReadCache()
        self._dependencies: dict[tuple[Release, str], tuple[Dependency, ...]] = {}
        self._wheres: dict[Release, int] = {}
        self._extra_needs: dict[Release, ExtraNeeds] = {}

    def for_matrix(self, matrix: TargetMatrix) -> Catalogue:
        """The same catalogue for other targets; nothing is read again."""
        return Catalogue(matrix, self.ports, self.rules, self._cache)

    def table(self, name: NormalizedName) -> ReleaseTable:
        """The releases of a project; an empty table if no index has it.

        :raises NetworkFailure: when the index does not respond
        """
        known = self._cache.tables.get(name)
        if known is None:
            known = self._cache.tables[name] = self._read_table(name)
        return known

    def is_missing(self, name: NormalizedName) -> bool:
        """Whether neither a source nor an index has the project; an index may have the project without any file."""
        return name not in self.rules.sources and self.ports.index.page(name) is None

    def status(self, name: NormalizedName) -> ProjectStatus:
        """What its index says about a project that exists; a source decides for itself."""
        page = None if name in self.rules.sources else self.ports.index.page(name)
        return page.status if page is not None else ProjectStatus()

    def known_names(self) -> set[NormalizedName]:
        """The projects read so far that exist, and those with a source."""
        return {table.project for table in self._cache.tables.values() if table.versions} | set(self.rules.sources)

    def prefetch(self, names: Iterable[NormalizedName]) -> None:
        """Start fetching the pages of projects that will be needed."""
        missing = [name for name in names if name not in self._cache.tables and name not in self.rules.sources]
        if missing:
            self.ports.index.prefetch(missing)

    def prefetch_metadata(self, releases: Iterable[Release]) -> None:
        """Start fetching the metadata of releases that are likely to be chosen."""
        new = [release for release in releases if release not in self._cache.metadata]
        wheels = [release.metadata_wheel() for release in new]
        files = [file for file in wheels if file is not None]
        if files:
            self.ports.index.prefetch_metadata(files)
        self.ports.builder.read_ahead(release.sdist for release in new if release.sdist and not release.wheels)

    def metadata(self, release: Release) -> CoreMetadata | Unusable:
        """Core metadata of a release, or why it has none that is usable.

        :raises NetworkFailure: when the index does not respond
        :raises BadArtifact: ``build-failed``, ``hash-mismatch``; anything for a direct reference
        """
        known = self._cache.metadata.get(release)
        if known is None:
            known = self._cache.metadata[release] = self._read_metadata(release)
        return known

    def has_read(self, release: Release) -> bool:
        """Whether the metadata of a release has been read already."""
        return release in self._cache.metadata

    def dependencies(self, release: Release, extra: str = "") -> tuple[Dependency, ...]:
        """What a release (or one extra of it) needs on any target; empty if its metadata is unusable."""
        known = self._dependencies.get((release, extra))
        if known is None:
            known = self._dependencies[release, extra] = tuple(self._read_dependencies(release, extra))
        return known

    def local_needs(self, names: Iterable[NormalizedName]) -> tuple[Need, ...]:
        """The needs of the direct references among ``names`` and of those they lead to: their authors are trusted.

        Their metadata has been read already, as it may name further sources (see ``direct_references``).
        """
        queue, seen, found = list(names), set[NormalizedName](), list[Need]()
        for name in queue:
            if name in self.rules.sources and name not in seen:
                seen.add(name)
                needs = self.needs(self.table(name).release(0))
                queue += [need.name for need in needs]
                found += needs
        return tuple(found)

    def where_release(self, release: Release) -> int:
        """The targets that can install a release."""
        known = self._wheres.get(release)
        if known is None:
            known = self._wheres[release] = where_release(release, self.matrix)
        return known

    def where(self, marker: str, extra: str = "") -> int:
        """The targets on which a marker ("": none) is true."""
        return self.matrix.where_marker(marker, extra) if marker else self.matrix.everywhere

    def _read_table(self, name: NormalizedName) -> ReleaseTable:
        source = self.rules.sources.get(name)
        if source is not None:
            version = self.ports.builder.metadata(source).version
            return ReleaseTable(name, [version], lambda _: Release(name, version, source=source), direct=True)
        page = self.ports.index.page(name)
        is_usable = page is None or not page.status.is_quarantined
        return table_of(name, page if is_usable else None, self.rules)

    def _read_metadata(self, release: Release) -> CoreMetadata | Unusable:
        try:
            found = self._fetch_metadata(release)
        except BadArtifact as error:
            if release.source is not None or error.code not in _SKIPPED_CODES:
                raise
            return Unusable(error.code, error.message)
        if found.name != release.project or found.version != release.version:
            text = f"its metadata says {found.name} {found.version}"
            return Unusable("metadata-invalid", text)
        return found

    def _fetch_metadata(self, release: Release) -> CoreMetadata:
        wheel = release.metadata_wheel()
        if wheel is not None:
            return self.ports.index.metadata(wheel)
        source = release.source or release.sdist
        if source is None:
            raise BadArtifact("metadata-invalid", f"{release} has no file")
        return self.ports.builder.metadata(source)

    def _read_dependencies(self, release: Release, extra: str) -> Iterable[Dependency]:
        for required in self._extra_needs_of(release).of(extra) if extra else self.needs(release):
            target_bits = self.where(required.marker, extra)
            if target_bits:
                yield Dependency(required, target_bits)

    def _extra_needs_of(self, release: Release) -> ExtraNeeds:
        known = self._extra_needs.get(release)
        if known is None:
            needs = ExtraNeeds(self.needs(release), lambda marker: bool(self.where(marker)))
            known = self._extra_needs[release] = needs
        return known

    def needs(self, release: Release) -> tuple[Need, ...]:
        """What a release needs according to its metadata, whatever the target; empty if that is unusable."""
        known = self._cache.needs.get(release)
        if known is None:
            metadata = self.metadata(release)
            requirements = () if isinstance(metadata, Unusable) else metadata.requires_dist
            needs = (need(requirement) for requirement in requirements)
            known = self._cache.needs[release] = tuple(need for need in needs if need.name != self.rules.own)
        return known
