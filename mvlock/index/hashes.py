"""Digests that identify a file: which are strong enough, and checking bytes against all of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from mvlock.errors import BadArtifact

STRONG = ("sha256", "sha384", "sha512")
"""Algorithms that an artifact may be trusted by, best known first; md5 and sha1 identify nothing any more."""

_DIGEST = {name: re.compile(rf"[0-9a-f]{{{2 * hashlib.new(name).digest_size}}}") for name in STRONG}


def strong_hashes(hashes: Mapping[str, str]) -> dict[str, str]:
    """The entries of ``hashes`` whose algorithm is in ``STRONG``, and which are digests: they may be part of a path."""
    return {name: hashes[name] for name in STRONG if _DIGEST[name].fullmatch(hashes.get(name, ""))}


def sha256_key(hashes: Mapping[str, str]) -> str | None:
    """The sha256 digest, if there is one."""
    return strong_hashes(hashes).get("sha256")


class Verifier:
    """Feeds bytes to every strong algorithm that ``hashes`` names, then compares."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._expected = strong_hashes(hashes)
        self._running = {name: hashlib.new(name) for name in self._expected}

    def update(self, chunk: bytes) -> None:
        """Take the next bytes."""
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
                    f"{what} is not the file it must be: expected {name} {expected}, got {actual}",
                    facts={"file": what, "algorithm": name, "expected": expected, "actual": actual},
                )
