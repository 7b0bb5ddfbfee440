"""Facts about a wheel without downloading it: its metadata (PEP 658, 714) and its members' names."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit, urlunsplit

from mvlock.base.digests import Verifier, sha256_key
from mvlock.base.limits import LARGEST_FILE, LARGEST_METADATA, LARGEST_RANGE
from mvlock.index.configured_index import ConfiguredIndex
from mvlock.index.download import FileSink
from mvlock.index.http_messages import Request, Response
from mvlock.index.licenses import license_in
from mvlock.index.metadata import check_identity, parse_metadata, read_metadata
from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.index.network import bad_status, unreachable
from mvlock.index.remote_archive import RemoteFile, content_range, member_metadata, member_names, tail_length
from mvlock.project.index_address import local_path

_SMALL = 192 * 1024
_MEMORY = 4 * 1024 * 1024
_IDENTITY = {"Accept-Encoding": "identity"}
_NO_RANGES = frozenset({200, 416, 501})

Archive = IO[bytes]
T = TypeVar("T")


class WheelSource:
    """Looks into wheels of one index. Nothing is memoised here; thread-safe."""

    def __init__(self, index: ConfiguredIndex) -> None:
        self._index = index

    def metadata(self, file: IndexFile) -> CoreMetadata:
        """Core metadata of a wheel, checked against the file's name.

        :raises BadArtifact: ``metadata-invalid``, ``hash-mismatch``
        :raises NetworkFailure: it cannot be fetched
        """
        key = sha256_key(file.hashes)
        text = self._counted(self._index.cache.metadata(key) if key else None)
        if text is None:
            text = read_metadata(self._metadata_file(file), file.filename)
            if key:
                self._index.cache.store_metadata(key, text)
        metadata = parse_metadata(text, file.filename)
        check_identity(metadata, file)
        return metadata

    def names(self, file: IndexFile) -> tuple[str, ...]:
        """The names of a wheel's members, sorted.

        :raises BadArtifact: ``wheel-invalid``, ``hash-mismatch``
        :raises NetworkFailure: they cannot be fetched
        """
        key = sha256_key(file.hashes)
        names = self._counted(self._index.cache.names(key) if key else None)
        if names is None:
            with self._archive(file, f"the list of members of {file.filename}") as archive:
                names = member_names(archive, file)
            if key:
                self._index.cache.store_names(key, names)
        return names

    def license(self, file: IndexFile) -> str | None:
        """The licence that a wheel declares; None if it declares none.

        :raises BadArtifact: ``metadata-invalid``, ``hash-mismatch``
        :raises NetworkFailure: its metadata cannot be fetched
        """
        key = sha256_key(file.hashes)
        text = self._counted(self._index.cache.license(key) if key else None)
        if text is None:
            text = license_in(self._metadata_file(file)) or ""
            if key:
                self._index.cache.store_license(key, text)
        return text or None

    def _counted(self, cached: T | None) -> T | None:
        if cached is not None:
            self._index.network.count("cache hits", 1)
        return cached

    def _metadata_file(self, file: IndexFile) -> bytes:
        if file.metadata_hashes is not None and (content := self._metadata_from_index(file)) is not None:
            return content
        with self._archive(file, f"the metadata of {file.filename}") as archive:
            return member_metadata(archive, file)

    def _metadata_from_index(self, file: IndexFile) -> bytes | None:
        """The file beside the wheel (PEP 658); None if the index announced a file that it does not have."""
        label = self._index.label(f"the metadata of {file.filename}")
        response = self._index.network.get(
            Request(_with_path_suffix(file.url, ".metadata"), {"Accept-Encoding": "gzip"}, LARGEST_METADATA), label
        )
        if response.status in {404, 410}:
            return None
        if response.status != 200:
            raise bad_status(label, response.status)
        verifier = Verifier(file.metadata_hashes or {})
        verifier.update(response.body)
        verifier.check(f"{file.filename}.metadata")
        return response.body

    def _archive(self, file: IndexFile, what: str) -> Archive:
        path = local_path(file.url)
        if path is not None:
            return self._open_local(path, what)
        if file.size is not None and file.size <= _SMALL:
            return self._download(file, what)
        return self._open_remote(file, what) or self._download(file, what)

    def _open_local(self, path: Path, what: str) -> Archive:
        try:
            return path.open("rb")
        except OSError as error:
            raise unreachable(self._index.label(what), f"{error.filename}: {error.strerror}") from error

    def _open_remote(self, file: IndexFile, what: str) -> Archive | None:
        """The wheel read by range requests; None if its server does not support them."""
        tail = tail_length(file.size)
        byte_range = f"-{tail}" if file.size is None else f"{max(0, file.size - tail)}-{file.size - 1}"
        response = self._get_range(file, byte_range, what)
        if response.status in _NO_RANGES:
            return None
        received = content_range(response.headers.get("content-range"))
        if response.status != 206:
            raise bad_status(self._index.label(what), response.status)
        if received is None or received[1] != received[2] or received[1] - received[0] != len(response.body):
            return None
        remote = RemoteFile(
            received[2], response.body, lambda start, stop: self._bytes_between(file, start, stop, what)
        )
        return io.BufferedReader(remote)

    def _bytes_between(self, file: IndexFile, start: int, stop: int, what: str) -> bytes:
        response = self._get_range(file, f"{start}-{stop - 1}", what)
        if response.status != 206 or len(response.body) != stop - start:
            raise unreachable(self._index.label(what), "it serves other parts of the file than requested")
        return response.body

    def _get_range(self, file: IndexFile, byte_range: str, what: str) -> Response:
        headers = {**_IDENTITY, "Range": f"bytes={byte_range}"}
        return self._index.network.get(Request(file.url, headers, LARGEST_RANGE), self._index.label(what))

    def _download(self, file: IndexFile, what: str) -> Archive:
        """The whole wheel in a temporary file; its hashes are checked as far as they are known."""
        small = file.size is not None and file.size <= _MEMORY
        target: IO[bytes] = io.BytesIO() if small else tempfile.TemporaryFile()  # noqa: SIM115 - the caller's
        try:
            sink = FileSink(target, file.hashes)
            limit = LARGEST_FILE if file.size is None else file.size
            self._index.network.download(Request(file.url, _IDENTITY, limit), sink, self._index.label(what))
            sink.check(file.filename)
        except BaseException:
            target.close()
            raise
        return target


def _with_path_suffix(url: str, ending: str) -> str:
    """``url`` with ``ending`` added to its path, before any query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + ending, fragment=""))
