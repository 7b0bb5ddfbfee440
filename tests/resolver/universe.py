"""A package index in memory: ``universe.publish("a", "1.0", requires=["b>=2"])``, without files or network."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from mvlock.codes import Code
from mvlock.errors import BadArtifact
from mvlock.index.model import CoreMetadata, IndexFile, ProjectPage, Received, receive
from mvlock.resolver.ports import DirectReference, LockedSource

UPLOADED = datetime(2024, 1, 1, tzinfo=timezone.utc)
ANYWHERE = ("py3-none-any",)


@dataclass(frozen=True)
class Offer:
    """What an index has of a release: its wheel tags, and what may be unusual; ``broken``: an error code."""

    tags: Sequence[str] = ANYWHERE
    sdist: bool = False
    python: str | None = None
    page_python: bool = True
    uploaded: datetime | None = UPLOADED
    yanked: str | None = None
    hashes: Mapping[str, str] | None = None
    broken: Code | Literal[""] = ""


PLAIN = Offer()


@dataclass
class Universe:
    """Both ports of the resolver. ``reads`` records what was read, in order; ``left_out``: of every page."""

    reads: list[str] = field(default_factory=list)
    left_out: str = ""
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    built_ahead: list[str] = field(default_factory=list)
    _files: dict[str, list[IndexFile]] = field(default_factory=dict)
    _metadata: dict[tuple[str, str], CoreMetadata | Code] = field(default_factory=dict)
    _local: dict[DirectReference, CoreMetadata] = field(default_factory=dict)

    def publish(self, name: str, version: str, *, requires: Iterable[str] = (), offer: Offer = PLAIN) -> None:
        """Add a release; extras are those its requirements mention."""
        stem = f"{name.replace('-', '_')}-{version}"
        names = [f"{stem}-{tag}.whl" for tag in offer.tags] + ([f"{stem}.tar.gz"] if offer.sdist else [])
        files = self._files.setdefault(name, [])
        files.extend(_file(name, version, filename, offer) for filename in names)
        self._metadata[name, version] = offer.broken or _metadata(name, version, requires, offer)

    def provide(self, source: DirectReference, name: str, version: str, requires: Iterable[str] = ()) -> None:
        """Let a direct reference be a distribution."""
        self._local[source] = _metadata(name, version, requires, PLAIN)

    def page(self, project: NormalizedName) -> ProjectPage | None:
        assert project, "there is no project without a name"
        self.reads.append(project)
        files = self._files.get(project)
        if files is None:
            return None
        versions = dict.fromkeys(file.version for file in files)

        def files_of(version: str) -> tuple[IndexFile, ...]:
            return tuple(file for file in files if file.version == version)

        return ProjectPage(project, "pypi", versions, files_of, self.left_out)

    def prefetch(self, projects: Iterable[NormalizedName]) -> None: ...

    def prefetch_metadata(self, files: Iterable[IndexFile]) -> None: ...

    def metadata(self, file: IndexFile | DirectReference) -> CoreMetadata:
        if not isinstance(file, IndexFile):
            return self._local[file]
        self.reads.append(file.filename)
        found = self._metadata[file.project, file.version]
        if isinstance(found, str):
            raise BadArtifact(found, f"{file.filename}: Requires-Dist is nonsense")
        return found

    def wheel_names(self, file: IndexFile) -> tuple[str, ...]:
        self.reads.append(f"{file.filename}!")
        return self.members.get(file.project, (f"{file.project.replace('-', '_')}/__init__.py",))

    def download(self, file: IndexFile, destination: Path, received: Received = receive) -> None:
        raise NotImplementedError

    def read_ahead(self, sources: Iterable[DirectReference | IndexFile]) -> None:
        self.built_ahead += [source.filename for source in sources if isinstance(source, IndexFile)]

    def stop(self) -> None:
        pass

    def import_names(self, source: DirectReference | IndexFile) -> tuple[str, ...]:
        name = source.project if isinstance(source, IndexFile) else self._local[source].name
        return (name.replace("-", "_"),)

    def locked_source(self, source: DirectReference) -> LockedSource:
        return LockedSource(source, commit_id="c0ffee", sha256="0" * 64, size=1)


def _file(name: str, version: str, filename: str, offer: Offer) -> IndexFile:
    return IndexFile(
        filename=filename,
        url=f"https://files.example.invalid/{filename}",
        project=canonicalize_name(name),
        version=version,
        kind="wheel" if filename.endswith(".whl") else "sdist",
        index="pypi",
        hashes={"sha256": hashlib.sha256(filename.encode()).hexdigest()} if offer.hashes is None else offer.hashes,
        size=1000,
        upload_time=offer.uploaded,
        requires_python=offer.python if offer.page_python else None,
        yanked=offer.yanked,
        metadata_hashes={},
    )


def _metadata(name: str, version: str, requires: Iterable[str], offer: Offer) -> CoreMetadata:
    return CoreMetadata(
        name=canonicalize_name(name),
        version=Version(version),
        requires_dist=tuple(Requirement(text) for text in requires),
        requires_python=SpecifierSet(offer.python) if offer.python else None,
    )
