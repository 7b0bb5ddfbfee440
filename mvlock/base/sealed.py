"""Records of the cache that begin with their own digest, so that one whose bytes have changed on the disk is noticed.

The first line is the sha256 of the rest. It protects against bad disks, not against people, whose own the cache is.
"""

from __future__ import annotations

import hashlib


def sealed(content: bytes) -> bytes:
    """What to write for ``content``."""
    return _digest(content) + b"\n" + content


def unsealed(data: bytes) -> bytes:
    """The content of what ``sealed`` made.

    :raises ValueError: it is not what was written
    """
    digest, _, content = data.partition(b"\n")
    if digest != _digest(content):
        raise ValueError("a record of the cache has changed since it was written")
    return content


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
