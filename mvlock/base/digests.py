"""Digests that identify a file: computing and writing them, which are strong enough, checking bytes against them."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from mvlock.errors import BadArtifact

STRONG = ("sha256", "sha384", "sha512")
"""Algorithms that are strong enough to trust an artifact, best known first; md5 and sha1 no longer are."""

_CHUNK = 256 * 1024

_DIGEST = {name: re.compile(rf"[0-9a-f]{{{2 * hashlib.new(name).digest_size}}}") for name in STRONG}


def sha256_of(path: Path) -> str:
    """The lower-case hex sha256 of a file."""
    return raw_sha256_of(path).hex()


def raw_sha256_of(path: Path | str) -> bytes:
    """The sha256 of a file, read past Python's buffers: there may be thousands."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as stream:  # noqa: PTH123  # as above
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.digest()


def is_sha256(text: str) -> bool:
    """Whether a string is a sha256 in the form of ``sha256_of``, so that it is safe in a path."""
    return _DIGEST["sha256"].fullmatch(text) is not None


def record_digest(raw: bytes) -> str:
    """A sha256 in the form of RECORD (PEP 376)."""
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def record_digest_of(path: Path | str) -> str:
    """The sha256 of a file in the form of RECORD."""
    return record_digest(raw_sha256_of(path))


def strong_hashes(hashes: Mapping[str, str]) -> dict[str, str]:
    """The entries of ``hashes`` whose algorithm is in ``STRONG`` and that are well-formed, so safe in a path."""
    return {name: hashes[name] for name in STRONG if name in hashes and _DIGEST[name].fullmatch(hashes[name])}


def hash_problem(hashes: Mapping[str, str]) -> str | None:
    """Why ``hashes`` do not identify a file; None if they do. Algorithms that are not known do not matter."""
    wrong = [name for name in STRONG if name in hashes and not _DIGEST[name].fullmatch(hashes[name])]
    if wrong:
        return f"{hashes[wrong[0]]!r} is not a {wrong[0]}"
    return None if strong_hashes(hashes) else "there is no sha256, sha384 or sha512"


def sha256_key(hashes: Mapping[str, str]) -> str | None:
    """The sha256 digest, if there is one."""
    return strong_hashes(hashes).get("sha256")


def is_intact(path: Path, hashes: Mapping[str, str]) -> bool:
    """Whether a file has the strong ones of these hashes."""
    digests = {name: hashlib.new(name) for name in strong_hashes(hashes)}
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            for digest in digests.values():
                digest.update(chunk)
    return all(digest.hexdigest() == hashes[name] for name, digest in digests.items())


class Verifier:
    """Feeds bytes to every strong algorithm in ``hashes``, then compares."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._expected = strong_hashes(hashes)
        self._running = {name: hashlib.new(name) for name in self._expected}

    def update(self, chunk: bytes) -> None:
        """Add the next bytes."""
        for running in self._running.values():
            running.update(chunk)

    def check(self, what: str) -> None:
        """Compare, once all bytes are in.

        :raises BadArtifact: ``hash-mismatch`` naming ``what`` and both digests
        """
        for name, expected in self._expected.items():
            actual = self._running[name].hexdigest()
            if actual != expected:
                raise BadArtifact(
                    "hash-mismatch",
                    f"{what} is not the file that belongs to its hash: expected {name} {expected}, got {actual}",
                    facts={"file": what, "algorithm": name, "expected": expected, "actual": actual},
                )
