"""Facts about a wheel without downloading it: its metadata (PEP 658, 714) and its members' names."""

from __future__ import annotations

import io
import tempfile
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from mvlock.base.digests import Verifier, sha256_key
from mvlock.index.download import FileSink
from mvlock.index.exchange import Ask, Reply
from mvlock.index.metadata import check_identity, parse_metadata, read_metadata
from mvlock.index.model import CoreMetadata, IndexFile
from mvlock.index.network import refused, unreachable
from mvlock.index.remote_archive import RemoteFile, content_range, member_metadata, member_names, tail_length
from mvlock.index.site import Site

_MOST_METADATA = 32 * 1024 * 1024
_MOST_PART = 64 * 1024 * 1024
_MOST_WHEEL = 64 * 1024 * 1024 * 1024
_SMALL = 192 * 1024
_MEMORY = 4 * 1024 * 1024
_IDENTITY = {"Accept-Encoding": "identity"}
_NO_RANGES = frozenset({200, 416, 501})

Archive = IO[bytes]


class WheelSource:
    """Looks into wheels of one index. Nothing is memoised here; thread-safe."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def metadata(self, file: IndexFile) -> CoreMetadata:
        """Core metadata of a wheel, checked against the file's name.

        :raises BadArtifact: ``metadata-invalid``, ``hash-mismatch``
        :raises IndexFailure: it cannot be fetched
        """
        key = sha256_key(file.hashes)
        text = self._site.cache.metadata(key) if key else None
        if text is None:
            text = read_metadata(self._metadata_file(file), file.filename)
            if key:
                self._site.cache.keep_metadata(key, text)
        metadata = parse_metadata(text, file.filename)
        check_identity(metadata, file)
        return metadata

    def names(self, file: IndexFile) -> tuple[str, ...]:
        """The names of a wheel's members, sorted.

        :raises BadArtifact: ``wheel-invalid``, ``hash-mismatch``
        :raises IndexFailure: they cannot be fetched
        """
        key = sha256_key(file.hashes)
        names = self._site.cache.names(key) if key else None
        if names is None:
            with self._archive(file, f"the list of members of {file.filename}") as archive:
                names = member_names(archive, file)
            if key:
                self._site.cache.keep_names(key, names)
        return names

    def _metadata_file(self, file: IndexFile) -> bytes:
        if file.metadata_hashes is not None and (served := self._served_metadata(file)) is not None:
            return served
        with self._archive(file, f"the metadata of {file.filename}") as archive:
            return member_metadata(archive, file)

    def _served_metadata(self, file: IndexFile) -> bytes | None:
        """The file beside the wheel (PEP 658); None if the index announced a file that it does not have."""
        label = self._site.label(f"the metadata of {file.filename}")
        reply = self._site.network.get(
            Ask(_beside(file.url, ".metadata"), {"Accept-Encoding": "gzip"}, _MOST_METADATA), label
        )
        if reply.status in {404, 410}:
            return None
        if reply.status != 200:
            raise refused(label, reply.status)
        verifier = Verifier(file.metadata_hashes or {})
        verifier.update(reply.body)
        verifier.check(f"{file.filename}.metadata")
        return reply.body

    def _archive(self, file: IndexFile, what: str) -> Archive:
        if file.size is not None and file.size <= _SMALL:
            return self._whole(file, what)
        return self._remote(file, what) or self._whole(file, what)

    def _remote(self, file: IndexFile, what: str) -> Archive | None:
        """The wheel read by range requests; None if its server does not support them."""
        tail = tail_length(file.size)
        wanted = f"-{tail}" if file.size is None else f"{max(0, file.size - tail)}-{file.size - 1}"
        reply = self._part(file, wanted, what)
        if reply.status in _NO_RANGES:
            return None
        got = content_range(reply.headers.get("content-range"))
        if reply.status != 206:
            raise refused(self._site.label(what), reply.status)
        if got is None or got[1] != got[2] or got[1] - got[0] != len(reply.body):
            return None
        remote = RemoteFile(got[2], reply.body, lambda start, stop: self._between(file, start, stop, what))
        return io.BufferedReader(remote)

    def _between(self, file: IndexFile, start: int, stop: int, what: str) -> bytes:
        reply = self._part(file, f"{start}-{stop - 1}", what)
        if reply.status != 206 or len(reply.body) != stop - start:
            raise unreachable(self._site.label(what), "it serves other parts of the file than requested")
        return reply.body

    def _part(self, file: IndexFile, wanted: str, what: str) -> Reply:
        headers = {**_IDENTITY, "Range": f"bytes={wanted}"}
        return self._site.network.get(Ask(file.url, headers, _MOST_PART), self._site.label(what))

    def _whole(self, file: IndexFile, what: str) -> Archive:
        """The whole wheel in a temporary file; its hashes are checked as far as they are known."""
        small = file.size is not None and file.size <= _MEMORY
        target: IO[bytes] = io.BytesIO() if small else tempfile.TemporaryFile()  # noqa: SIM115 - the caller's
        try:
            sink = FileSink(target, file.hashes)
            limit = _MOST_WHEEL if file.size is None else file.size
            self._site.network.download(Ask(file.url, _IDENTITY, limit), sink, self._site.label(what))
            sink.check(file.filename)
        except BaseException:
            target.close()
            raise
        return target


def _beside(url: str, ending: str) -> str:
    """``url`` with ``ending`` added to its path, before any query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path + ending, fragment=""))
