"""Digests that identify a file: of strong algorithms, and well-formed."""

from __future__ import annotations

import pytest

from mvlock.base.digests import sha256_key, strong_hashes

GOOD = {"sha256": "0a" * 32, "sha512": "0b" * 64}


def test_the_best_known_algorithm_is_first() -> None:
    assert list(strong_hashes({**dict(reversed(GOOD.items())), "md5": "0" * 32})) == ["sha256", "sha512"]


@pytest.mark.parametrize("digest", ["", "x/../../../guard/x", "0a" * 31, "0A" * 32, "0a" * 32 + "\n", "/" + "0a" * 31])
def test_what_is_no_digest_identifies_nothing(digest: str) -> None:
    """Digests become names of folders."""
    assert strong_hashes(GOOD | {"sha256": digest}) == {"sha512": GOOD["sha512"]}
    assert sha256_key({"sha256": digest}) is None
