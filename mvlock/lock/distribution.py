"""A release as ``[[packages]]`` has it: where it comes from, and every file with its hash."""

from __future__ import annotations

from msgspec.structs import replace

from mvlock.base.digests import strong_hashes
from mvlock.base.urls import without_secrets
from mvlock.index.model import IndexFile
from mvlock.lock.model import LockedArchive, LockedDirectory, LockedFile, LockedPackage, LockedVcs
from mvlock.project.model import GitSource, PathSource
from mvlock.resolver.catalogue import Catalogue, Unusable
from mvlock.resolver.ports import DirectReference, MetadataBuilder
from mvlock.resolver.release import Release


def locked_package(release: Release, catalogue: Catalogue) -> LockedPackage:
    """The entry of a release; a branch is resolved to a commit, an archive to a hash.

    :raises NetworkFailure: when a source is not fixed and cannot be reached
    """
    metadata = catalogue.metadata(release)
    python = None if isinstance(metadata, Unusable) else metadata.requires_python
    entry = LockedPackage(
        name=release.project,
        version=str(release.version),
        requires_python=str(python) if python else None,
        index=release.index,
        wheels=tuple(_locked_file(wheel) for wheel in release.wheels),
        sdist=_locked_file(release.sdist) if release.sdist else None,
    )
    if release.source is None:
        return entry
    return replace(entry, **_origin(release.source, catalogue.ports.builder))


def _locked_file(file: IndexFile) -> LockedFile:
    """A file with its best known secure hash; without its URL, so that any mirror will do."""
    algorithm, digest = next(iter(strong_hashes(file.hashes).items()))
    return LockedFile(
        name=file.filename,
        size=file.size,
        upload_time=file.upload_time,
        hashes={algorithm: digest},
    )


def _origin(source: DirectReference, builder: MetadataBuilder) -> dict[str, object]:
    if isinstance(source, PathSource) and not source.path.is_file():
        return {"directory": LockedDirectory(path=source.relative, editable=source.editable)}
    locked = builder.locked_source(source)
    if isinstance(source, GitSource):
        vcs = LockedVcs(
            url=without_secrets(source.url),
            requested_revision=source.rev,
            commit_id=locked.commit_id or "",
            subdirectory=source.subdirectory,
        )
        return {"vcs": vcs}
    archive = LockedArchive(
        url=None if isinstance(source, PathSource) else without_secrets(source.url),
        path=source.relative if isinstance(source, PathSource) else None,
        size=locked.size,
        hashes={"sha256": locked.sha256 or ""},
        subdirectory=None if isinstance(source, PathSource) else source.subdirectory,
    )
    return {"archive": archive}
