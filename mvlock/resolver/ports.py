"""What the resolver needs besides the package index: metadata of what must be built."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.project.model import GitSource, PathSource, UrlSource

DirectReference = PathSource | GitSource | UrlSource
"""A source that is one distribution by itself (PEP 440, PEP 610), not a page of files."""


class LockedSource(msgspec.Struct, frozen=True):
    """The content of a direct reference, identified permanently.

    ``commit_id`` is set for git; ``sha256`` (lower-case hex) and ``size`` (bytes) for archives, local or at a
    URL; a directory has neither: its content is that at the time of the install.
    """

    source: DirectReference
    commit_id: str | None = None
    sha256: str | None = None
    size: int | None = None


class MetadataBuilder(Protocol):
    """Metadata of direct references and of sdists of an index; static metadata first, else a PEP 517 build.

    Every method may take long the first time and is cached for the lifetime of the object; thread-safe.
    """

    def metadata(self, source: DirectReference | IndexFile) -> CoreMetadata:
        """Core metadata of a direct reference or of an *sdist* of an index.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``, ``hash-mismatch``
        :raises LocalError: ``source-missing`` when a path does not exist or holds no project
        """

    def read_ahead(self, sources: Iterable[DirectReference | IndexFile]) -> None:
        """Start reading or building metadata in the background; never raises."""

    def stop(self) -> None:
        """End the builds under way; later ones fail."""

    def import_names(self, source: DirectReference | IndexFile) -> tuple[str, ...]:
        """Top-level import names that a built wheel of it provides, sorted (``mvlock.base.wheel_paths``)."""

    def locked_source(self, source: DirectReference) -> LockedSource:
        """Resolve what can change (a branch, a URL without a hash) to what cannot."""
