"""What the resolver needs besides the package index: metadata of what must be built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.project.model import GitSource, PathSource, UrlSource

DirectSource = PathSource | GitSource | UrlSource
"""A source that is one distribution by itself, not a page of files."""


@dataclass(frozen=True, slots=True)
class LockedSource:
    """What identifies a direct source permanently.

    ``commit_id`` is set for git; ``sha256`` (lower-case hex) and ``size`` (bytes) for archives, local or at a
    URL; a directory has neither: its content is that at the time of the install.
    """

    source: DirectSource
    commit_id: str | None = None
    sha256: str | None = None
    size: int | None = None


class MetadataBuilder(Protocol):
    """Metadata of direct sources and of sdists of an index; static metadata first, else a PEP 517 build.

    Every method may take long the first time and is cached for the lifetime of the object; thread-safe.
    """

    def metadata(self, source: DirectSource | IndexFile) -> CoreMetadata:
        """Core metadata of a direct source or of an *sdist* of an index.

        :raises BadArtifact: ``build-failed``, ``metadata-invalid``, ``hash-mismatch``
        :raises LocalError: ``source-missing`` when a path does not exist or holds no project
        """

    def import_names(self, source: DirectSource | IndexFile) -> tuple[str, ...]:
        """Top-level import names that a built wheel of it provides, sorted (``mvlock.base.wheel_paths``)."""

    def locked_source(self, source: DirectSource) -> LockedSource:
        """Resolve what can change (a branch, a URL without a hash) to what cannot."""
