"""Where a source tree comes from, and how it gets onto the disk: a folder, an archive, a repository."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec
from packaging.utils import NormalizedName

from mvlock.base import drafts
from mvlock.base.digests import is_intact, sha256_of, strong_hashes
from mvlock.base.drafts import draft_folder
from mvlock.base.freshness import folder_fingerprint
from mvlock.base.lazy import Lazy
from mvlock.base.locks import file_lock
from mvlock.base.outside import safe_file_name
from mvlock.base.urls import without_credentials
from mvlock.build.archive import unpack_source
from mvlock.build.git import GitMirrors
from mvlock.build.processes import Processes
from mvlock.errors import BadArtifact, LocalError
from mvlock.index.model import IndexFile, PackageIndex
from mvlock.progress import BYTES, Reporter, Task
from mvlock.project.model import GitSource, PathSource, UrlSource
from mvlock.resolver.ports import DirectReference, LockedSource

BuildSource = DirectReference | IndexFile
Fetch = Callable[[str, Path], None]
"""Downloads a URL to a path, without checking a hash."""


class SourcePorts(msgspec.Struct, frozen=True):
    """How sources are fetched; ``cache`` is where downloads are kept."""

    index: PackageIndex
    fetch: Fetch
    cache: Path
    reporter: Reporter
    processes: Processes
    offline: bool = False


class SourceTrees:
    """Identifies sources and puts their source trees on the disk. Safe for several threads and processes."""

    def __init__(self, ports: SourcePorts) -> None:
        self._ports = ports
        self._archives = ports.cache / "archives-1"
        self._git = GitMirrors(ports.cache / "git-1", ports.processes, offline=ports.offline)
        self._unhashed: dict[str, Lazy[Path]] = {}
        self._commits: dict[tuple[str, str | None], Lazy[str]] = {}
        self._lock = threading.Lock()

    def locked_source(self, source: DirectReference) -> LockedSource:
        """What identifies ``source`` permanently (MetadataBuilder.locked_source).

        :raises LocalError: ``source-missing``, ``git-missing``, ``git-revision-unknown``
        :raises NetworkFailure: it cannot be fetched
        """
        if isinstance(source, GitSource):
            return LockedSource(source, commit_id=self._commit(source))
        archive = self.archive(source)
        if archive is None:
            return LockedSource(source)
        return LockedSource(source, sha256=sha256_of(archive), size=archive.stat().st_size)

    def key(self, source: BuildSource, *, editable: bool = False) -> str:
        """A string that identifies the content of a source."""
        if isinstance(source, GitSource):
            return f"git {self._commit(source)} {source.subdirectory or ''}"
        archive = self.archive(source)
        if archive is not None:
            subdirectory = source.subdirectory if isinstance(source, UrlSource) else None
            return f"archive {sha256_of(archive)} {subdirectory or ''}"
        if not isinstance(source, PathSource):
            raise TypeError("everything but a path has an archive or a commit")
        return f"folder {source.path} {folder_fingerprint(source.path, editable=editable)}"

    def archive(self, source: BuildSource) -> Path | None:
        """The local copy of the archive; None if the source is not an archive."""
        if isinstance(source, IndexFile):
            return self._cached_file(source)
        if isinstance(source, UrlSource):
            return self._cached_url(source)
        if isinstance(source, GitSource):
            return None
        _check_exists(source)
        return source.path if source.path.is_file() else None

    @contextmanager
    def unpacked(self, source: BuildSource, temporary_folder: Path) -> Iterator[Path]:
        """The folder of the source tree; archives and checkouts are unpacked into ``temporary_folder``."""
        if isinstance(source, GitSource):
            commit = self._commit(source)
            with self._reading(source):
                self._git.checkout(source.url, commit, temporary_folder / "checkout")
            yield _subfolder(temporary_folder / "checkout", source.subdirectory)
            return
        archive = self.archive(source)
        if archive is not None:
            folder = unpack_source(archive, temporary_folder / "source")
            yield _subfolder(folder, source.subdirectory if isinstance(source, UrlSource) else None)
        elif isinstance(source, PathSource):
            yield source.path

    def _commit(self, source: GitSource) -> str:
        """The commit, determined once: a branch must not move during a run."""

        def read() -> str:
            with self._reading(source):
                return self._git.commit_of(source.url, source.rev)

        with self._lock:
            commit = self._commits.setdefault((source.url, source.rev), Lazy(read))
        return commit()

    def _reading(self, source: GitSource) -> Task:
        return self._ports.reporter.task("Reading", item=f"git {without_credentials(source.url)}")

    def _cached_file(self, file: IndexFile) -> Path:
        known = strong_hashes(file.hashes)
        if not known:
            raise BadArtifact("hash-missing", f"{file.filename} has no strong hash, so it is not used")
        name, digest = max(known.items())
        place = self._archives / f"{name}-{digest}" / PurePosixPath(file.filename).name
        if place.exists() and not is_intact(place, {name: digest}):
            place.unlink()  # the disk has damaged it

        def download(target: Path) -> None:
            with self._ports.reporter.task("Downloading", file.size, item=file.filename, unit=BYTES) as task:
                self._ports.index.download(file, target, task.advance)

        return self._once(place, download)

    def _cached_url(self, source: UrlSource) -> Path:
        filename = safe_file_name(PurePosixPath(unquote(urlsplit(source.url).path)).name)
        if source.sha256:
            file = _url_file(source.url, filename, source.sha256)
            return self._cached_file(file)

        def fetch() -> Path:
            last = self._last_download(source.url) if self._ports.offline else None
            return last or self._download(source.url, filename)

        with self._lock:
            found = self._unhashed.setdefault(source.url, Lazy(fetch))
        return found()

    def _last_download(self, url: str) -> Path | None:
        """The last download of a URL without a hash, if it is still in the cache."""
        with suppress(OSError):
            place = self._archives / self._record(url).read_text(encoding="utf-8")
            name, _, digest = place.parent.name.partition("-")
            return place if is_intact(place, {name: digest}) else None
        return None

    def _record(self, url: str) -> Path:
        return self._archives / f"url-{hashlib.sha256(url.encode()).hexdigest()}"

    def _download(self, url: str, filename: str) -> Path:
        """Downloads a URL without a hash again."""
        with draft_folder(self._archives) as folder:
            draft = folder / filename
            with self._ports.reporter.task("Downloading", item=filename):
                self._ports.fetch(url, draft)
            place = self._archives / f"sha256-{sha256_of(draft)}" / filename
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(place)  # also if it is there: that may be damaged
            drafts.write(self._archives, self._record(url), place.relative_to(self._archives).as_posix().encode())
            return place

    def _once(self, place: Path, get: Callable[[Path], object]) -> Path:
        if place.exists():
            return place
        place.parent.mkdir(parents=True, exist_ok=True)
        with file_lock(Path(f"{place.parent}.lock")):
            if not place.exists():
                with draft_folder(self._archives) as folder:
                    get(folder / place.name)
                    (folder / place.name).replace(place)
        return place


def _url_file(url: str, filename: str, sha256: str) -> IndexFile:
    return IndexFile(filename, url, NormalizedName(""), "0", "sdist", "", {"sha256": sha256})


def _check_exists(source: PathSource) -> None:
    folder = source.path
    if folder.is_file():
        return
    if not (folder / "pyproject.toml").is_file() and not (folder / "setup.py").is_file():
        what = "has no pyproject.toml and no setup.py" if folder.is_dir() else "does not exist"
        raise LocalError("source-missing", f"{source.relative} {what}", facts={"path": source.relative})


def _subfolder(folder: Path, subdirectory: str | None) -> Path:
    found = folder / (subdirectory or "")
    if not found.resolve().is_relative_to(folder.resolve()) or not found.is_dir():
        raise LocalError("source-missing", f"there is no folder {subdirectory!r} in the source")
    return found
