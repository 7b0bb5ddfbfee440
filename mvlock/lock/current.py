"""Whether mv.lock is known to be current, without parsing it or pyproject.toml.

Once a lock has been read, checked and found current, a record in the cache says so, with the hashes of all files that
decided it. While these have the same bytes, the answer is the same; otherwise, or in doubt, the full check runs.
Few imports, and none of ``pathlib`` or ``typing``: the answer must take less time than importing most modules.
"""

from __future__ import annotations

import hashlib
import os

from mvlock import __version__
from mvlock.base.freshness import content_hash, note, note_name, read_note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mvlock.base.freshness import AnyPath

_FOLDER = "current-2"
_FILES = ("pyproject.toml", "mv.lock")


class LockInputs:
    """A project and the state of its files when read: hashes by path, absolute or relative to ``root``; "": there
    is no such file.

    ``place``: where it is noted that they are current.
    """

    def __init__(self, root: AnyPath, place: str, hashes: Mapping[str, str]) -> None:
        self.root, self.place, self.hashes = os.fspath(root), place, hashes

    @classmethod
    def read(cls, root: AnyPath, cache: AnyPath) -> LockInputs:
        """The inputs now; reads pyproject.toml and mv.lock, so call this before anything else reads them."""
        place = os.path.join(cache, _FOLDER, note_name(os.path.realpath(root)))  # noqa: PTH118  # see above; so below
        return cls(root, place, _hashes(root, _FILES))

    def with_files(self, files: Iterable[str]) -> LockInputs:
        """The inputs with more files; call this before their content is used."""
        return LockInputs(self.root, self.place, {**self.hashes, **_hashes(self.root, files)})

    def with_lock(self, lock: str) -> LockInputs:
        """The inputs as they will be when mv.lock holds this text."""
        return LockInputs(self.root, self.place, {**self.hashes, _FILES[1]: hashlib.sha256(lock.encode()).hexdigest()})


def is_known_current(inputs: LockInputs) -> bool:
    """Whether the same files were found to be current before."""
    recorded = _recorded(inputs)
    more = [name for name in recorded if name not in inputs.hashes]
    return recorded == inputs.with_files(more).hashes


def changed_files(inputs: LockInputs) -> frozenset[str]:
    """Of the files that decided mv.lock, those that have changed since it was found current; empty: that is not known.

    They are named as in ``hashes``.
    """
    recorded, lock = _recorded(inputs), _FILES[1]
    if recorded.get(lock) != inputs.hashes[lock]:
        return frozenset()
    now = inputs.with_files(recorded).hashes
    return frozenset(name for name, value in recorded.items() if now[name] != value)


def record_current(inputs: LockInputs) -> None:
    """Record that these files are current; if that cannot be written, the next run does the full check."""
    from contextlib import suppress
    from pathlib import Path

    from mvlock.base import drafts

    place, hashes = Path(inputs.place), inputs.hashes
    with suppress(OSError, ValueError):
        content = {"version": [__version__], "files": [*hashes], "hashes": [*hashes.values()]}
        drafts.write(place.parent, place, note(content))


def _recorded(inputs: LockInputs) -> dict[str, str]:
    """The hashes of the files that were found to be current, by path."""
    found = read_note(inputs.place)
    if found.get("version") != [__version__]:
        return {}
    return dict(zip(found.get("files", ()), found.get("hashes", ()), strict=False))


def _hashes(root: AnyPath, files: Iterable[str]) -> dict[str, str]:
    return {name: content_hash(os.path.join(root, name)) or "" for name in files}  # noqa: PTH118
