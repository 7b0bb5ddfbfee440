"""What builds came to, kept in the cache: a file per source, kind of result and interpreter."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from mvlock.base import drafts
from mvlock.base.locks import file_lock
from mvlock.base.sealed import sealed, unsealed

_BUILDS = "builds-2"
T = TypeVar("T")


class Records:
    """The results of builds for one interpreter, ``environment``. Safe for several threads and processes."""

    def __init__(self, cache: Path, environment: str) -> None:
        self._folder = cache / _BUILDS
        self._environment = environment

    def path(self, kind: str, key: str, *, refresh: bool = False) -> Path:
        """Where the result for ``key`` is; it is forgotten if ``refresh``."""
        name = hashlib.sha256(f"{kind}\0{self._environment}\0{key}".encode()).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        if refresh:
            with suppress(OSError):
                path.unlink()
        return path

    @staticmethod
    def cached(path: Path, kind: type[T], compute: Callable[[], T]) -> T:
        """The result in ``path``; computed and written if it is not there."""
        found = read(path, kind)
        if found is not None:
            return found
        with file_lock(Path(f"{path}.lock")):
            found = read(path, kind)
            if found is None:
                found = compute()
                write(path, found)
            return found


def read(path: Path, kind: type[T]) -> T | None:
    """The content of a record; None if it does not exist or was changed."""
    with suppress(FileNotFoundError, ValueError, msgspec.DecodeError):
        return msgspec.json.decode(unsealed(path.read_bytes()), type=kind)
    return None


def write(path: Path, value: object) -> None:
    """Write a record, atomically."""
    drafts.write(path.parent, path, sealed(msgspec.json.encode(value)))
