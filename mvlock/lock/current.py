"""Whether mv.lock is known to be current, without parsing it or pyproject.toml.

Once a lock has been read, checked and found current, a record in the cache says so, with the hashes of all files that
decided it. While these have the same bytes, the answer is the same; otherwise, or in doubt, the full check runs.
Standard library only: the answer must take less time than importing most modules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from mvlock import __version__
from mvlock.base import drafts
from mvlock.base.freshness import content_hash, read_record, record_path

_FOLDER = "current-1"
_FILES = ("pyproject.toml", "mv.lock")


class LockInputs(NamedTuple):
    """A project and the state of its files when read: hashes by path, absolute or relative to ``root``."""

    root: Path
    record: Path
    hashes: Mapping[str, str | None]

    @classmethod
    def read(cls, root: Path, cache: Path) -> LockInputs:
        """The inputs now; reads pyproject.toml and mv.lock, so call this before anything else reads them."""
        return cls(root, record_path(cache / _FOLDER, root.resolve()), _hashes(root, _FILES))

    def with_files(self, files: Iterable[str]) -> LockInputs:
        """The inputs with more files; call this before their content is used."""
        return LockInputs(self.root, self.record, {**self.hashes, **_hashes(self.root, files)})

    def with_lock(self, lock: str) -> LockInputs:
        """The inputs as they will be when mv.lock holds this text."""
        return LockInputs(self.root, self.record, {**self.hashes, _FILES[1]: hashlib.sha256(lock.encode()).hexdigest()})


def is_known_current(inputs: LockInputs) -> bool:
    """Whether the same files were found to be current before."""
    recorded = read_record(inputs.record)
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        more = [name for name in recorded["hashes"] if name not in inputs.hashes]
        return bool(recorded == _record(inputs.with_files(more)))
    return False


def changed_files(inputs: LockInputs) -> frozenset[str]:
    """Of the files that decided mv.lock, those that have changed since it was found current; empty: that is not known.

    They are named as in ``hashes``.
    """
    recorded, lock = read_record(inputs.record), _FILES[1]
    with suppress(KeyError, TypeError, AttributeError):
        before: dict[str, str | None] = recorded["hashes"]
        if before[lock] == inputs.hashes[lock]:
            now = inputs.with_files(before).hashes
            return frozenset(name for name, value in before.items() if now[name] != value)
    return frozenset()


def record_current(inputs: LockInputs) -> None:
    """Record that these files are current; if that cannot be written, the next run does the full check."""
    with suppress(OSError):
        drafts.write(inputs.record.parent, inputs.record, json.dumps(_record(inputs)).encode())


def _record(inputs: LockInputs) -> dict[str, object]:
    return {"version": __version__, "hashes": dict(inputs.hashes)}


def _hashes(root: Path, files: Iterable[str]) -> dict[str, str | None]:
    return {name: content_hash(root / name) for name in files}
