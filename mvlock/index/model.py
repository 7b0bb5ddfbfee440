"""Values that come from an index: files of a project, and the core metadata of one distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version


class IndexFile(msgspec.Struct, frozen=True):
    """One file of a project's page (PEP 503, 592, 658, 691, 700, 714).

    ``hashes`` maps lower-case algorithm names to lower-case hex digests. ``metadata_hashes`` is None where
    the index serves no metadata file, and may be empty where it serves one without a hash. ``yanked`` is None
    or the reason (possibly ""). ``requires_python`` is raw text. ``size`` in bytes. ``provenance`` is the URL of what
    the index attests (PEP 740).
    """

    filename: str
    url: str
    project: NormalizedName
    version: str
    kind: Literal["wheel", "sdist"]
    index: str
    hashes: Mapping[str, str]
    size: int | None = None
    upload_time: datetime | None = None
    requires_python: str | None = None
    yanked: str | None = None
    metadata_hashes: Mapping[str, str] | None = None
    provenance: str | None = None


class ProjectStatus(msgspec.Struct, array_like=True, frozen=True):
    """What an index says about a project as a whole (PEP 792); ``reason`` is for people, and may be "".

    ``status``: active, archived, quarantined or deprecated; any other one counts as active.
    """

    status: str = "active"
    reason: str = ""

    @property
    def is_quarantined(self) -> bool:
        """Whether its files must not be used."""
        return self.status == "quarantined"

    @property
    def advice(self) -> str:
        """``archived: moved to b``; "" if there is nothing to say."""
        if self.status not in _STATUSES:
            return ""
        return f"{self.status}: {self.reason}" if self.reason else self.status


_STATUSES = frozenset({"archived", "quarantined", "deprecated"})


class ProjectPage:
    """All files an index has of one project, by version in its normal form, newest first; the rest is left out.

    ``files_of`` returns those of a version, in the index's order. A page may list thousands, of which a resolve needs
    a few; so they are decoded when they are asked for, and not kept. ``left_out``: what of the page is no file here,
    for messages about a version that is missing.
    """

    def __init__(
        self,
        project: NormalizedName,
        index: str,
        versions: Iterable[str],
        files_of: Callable[[str], tuple[IndexFile, ...]],
        left_out: str = "",
        *,
        status: ProjectStatus = ProjectStatus(),  # noqa: B008 - a frozen value
    ) -> None:
        self.project = project
        self.index = index
        self.versions = tuple(versions)
        self.files_of = files_of
        self.left_out = left_out
        self.status = status

    @property
    def files(self) -> tuple[IndexFile, ...]:
        """All files, version by version."""
        return tuple(file for version in self.versions for file in self.files_of(version))


class CoreMetadata(msgspec.Struct, frozen=True):
    """The part of core metadata (PEP 566, 643) that resolution needs.

    ``dynamic`` holds the lower-case names of fields that a build may change (PEP 643).
    """

    name: NormalizedName
    version: Version
    requires_dist: tuple[Requirement, ...] = ()
    requires_python: SpecifierSet | None = None
    provides_extra: frozenset[NormalizedName] = frozenset()
    dynamic: frozenset[str] = msgspec.field(default_factory=frozenset)


class Advisory(msgspec.Struct, frozen=True):
    """A known vulnerability: its identifier and aliases, one line, the versions that fix it, and a page about it."""

    names: frozenset[str]
    summary: str = ""
    fixed_in: frozenset[str] = frozenset()
    link: str | None = None

    @property
    def id(self) -> str:
        """The name that most people know it by."""
        return min(self.names, key=lambda name: (not name.startswith("CVE-"), not name.startswith("PYSEC-"), name))


Received = Callable[[int], None]
"""Is told how many more bytes of a file have arrived."""


def receive(amount: int) -> None:
    """The ``Received`` of those who do not want to know."""


class PackageIndex(Protocol):
    """All configured indexes as one. The first that has a project is the only one used for it (as in uv)."""

    def page(self, project: NormalizedName) -> ProjectPage | None:
        """The project's files, or None if no index has it. Cached for the lifetime of the object; thread-safe.

        :raises NetworkFailure: no answer (``index-unreachable``), or offline and not cached (``index-offline``);
            it is locked from an index that does not have it (``index-changed``)
        """

    def prefetch(self, projects: Iterable[NormalizedName]) -> None:
        """Start fetching pages in the background; never raises."""

    def prefetch_metadata(self, files: Iterable[IndexFile]) -> None:
        """Start fetching metadata in the background; never raises."""

    def metadata(self, file: IndexFile) -> CoreMetadata:
        """Core metadata of a *wheel*: PEP 658 file, else read out of the wheel by range requests.

        :raises BadArtifact: ``metadata-invalid`` when it cannot be parsed, ``hash-mismatch``
        """

    def wheel_names(self, file: IndexFile) -> tuple[str, ...]:
        """The paths of the files in the wheel, sorted, by range request (PEP 427); cached by hash forever."""

    def download(self, file: IndexFile, destination: Path, received: Received = receive) -> None:
        """Write the file's bytes to ``destination`` (which must not exist), verified against ``hashes``.

        ``received`` takes the number of bytes as they arrive; a negative one if a transfer starts again.

        :raises BadArtifact: ``hash-mismatch``, or ``hash-missing`` if there is no sha256/384/512
        """


class FileIndex(PackageIndex, Protocol):
    """A PackageIndex for callers that know which file they want."""

    def file(self, project: NormalizedName, filename: str, index: str | None) -> IndexFile | None:
        """One file of a project, or None. No other index is asked than the one that a lock names, if it names one.

        The page is not kept: those of a large lock take hundreds of megabytes.

        :raises NetworkFailure: as ``page``
        :raises LocalError: ``index-unknown``
        """

    def license(self, file: IndexFile) -> str | None:
        """The licence that a wheel declares, if any; raises as ``metadata``."""

    def advisories(self, project: NormalizedName, version: str, index: str) -> tuple[Advisory, ...] | None:
        """The known vulnerabilities of a release, by the index that a lock names; None if that does not say.

        :raises NetworkFailure: no answer
        :raises LocalError: ``index-unknown``
        """

    def provenance(self, file: IndexFile) -> bytes | None:
        """What the index attests of a file (PEP 740), unverified; None: nothing.

        :raises NetworkFailure: as ``page``
        """

    def close(self) -> None:
        """End all requests, in other threads too; later ones fail."""
