"""Downloading one file: hashed while it is read, in place only when it is complete and verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from mvlock.base import atomic
from mvlock.base.digests import Verifier, strong_hashes
from mvlock.base.limits import LARGEST_FILE
from mvlock.errors import BadArtifact
from mvlock.index.http_messages import Request
from mvlock.index.model import IndexFile, Received, receive
from mvlock.index.network import Label, Network


class FileSink:
    """Writes a download to an open file and hashes it on the way (``http_messages.Sink``)."""

    def __init__(self, target: IO[bytes], hashes: Mapping[str, str], received: Received = receive) -> None:
        self._target = target
        self._hashes = hashes
        self._received = received
        self._verifier = Verifier(hashes)

    def restart(self) -> None:
        """Discard what an interrupted attempt has written."""
        self._received(-self._target.tell())
        self._target.seek(0)
        self._target.truncate()
        self._verifier = Verifier(self._hashes)

    def write(self, chunks: Iterator[bytes]) -> None:
        """Write and hash all bytes."""
        for chunk in chunks:
            self._target.write(chunk)
            self._verifier.update(chunk)
            self._received(len(chunk))

    def check(self, what: str) -> None:
        """Compare the digests.

        :raises BadArtifact: ``hash-mismatch``
        """
        self._verifier.check(what)


def download(network: Network, file: IndexFile, label: Label, destination: Path, received: Received = receive) -> None:
    """Write ``file`` to ``destination``, which appears by rename when every strong hash agrees.

    :raises BadArtifact: ``hash-missing``, ``hash-mismatch``, ``size-mismatch``
    :raises NetworkFailure: ``index-offline``, ``index-unreachable``
    :raises FileExistsError: ``destination`` exists
    """
    if not strong_hashes(file.hashes):
        raise _hash_missing(file)
    if destination.exists():
        raise FileExistsError(f"{destination} exists")
    with atomic.replacing(destination, mode=atomic.OWNER_ONLY) as target:
        sink = FileSink(target, file.hashes, received)
        network.download(Request(file.url, {"Accept-Encoding": "identity"}, _limit(file)), sink, label)
        sink.check(file.filename)


def _limit(file: IndexFile) -> int:
    return LARGEST_FILE if file.size is None else file.size


def _hash_missing(file: IndexFile) -> BadArtifact:
    known = ", ".join(sorted(file.hashes)) or "none"
    return BadArtifact(
        "hash-missing",
        f"index {file.index} gives no sha256, sha384 or sha512 for {file.filename} (only: {known})",
        facts={"file": file.filename, "index": file.index, "algorithms": sorted(file.hashes)},
    )
