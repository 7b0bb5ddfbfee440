"""What a folder's build backend says about it."""

from __future__ import annotations

import msgspec


class BuiltMetadata(msgspec.Struct, array_like=True, frozen=True):
    """A folder's version, and the text of ``entry_points.txt`` (None: it was not built)."""

    version: str
    entry_points: str | None = None
