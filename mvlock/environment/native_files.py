"""How the native files of a tree differ from those of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from mvlock.environment.libraries import Edit, edits
from mvlock.store.model import StoredFile


class NativeFiles(msgspec.Struct, frozen=True):
    """How the native files of a tree differ from the store's, so that the dynamic loader does not treat two as one.

    ``renames``: libraries that get a name unique to this tree, ``needed``: names that some file needs (``libraries``).
    ``copies``: which of the store's copies each distribution uses, by identity; 0: the files themselves, else
    see ``StoredWheel.spare``. A distribution that is not listed gets private files.
    """

    renames: Mapping[str, str] = msgspec.field(default_factory=dict)
    needed: Collection[str] = ()
    copies: Mapping[str, int] = msgspec.field(default_factory=dict)

    def changes(self, file: StoredFile) -> tuple[Edit, ...]:
        """The edits to a file of the store."""
        return edits(file.linkage, self.renames) if self.renames and file.linkage else ()

    def has_copy(self, file: StoredFile, copy: int | None) -> bool:
        """Whether a file is the unedited copy of that number in the store, one library to the loader everywhere."""
        if copy is None or not file.native or self.changes(file):
            return False
        return not _is_resolved_by_name(file, self.needed)


def _is_resolved_by_name(file: StoredFile, needed: Collection[str]) -> bool:
    """Whether the loader uses any loaded library of this name, so that equal ones may be one file."""
    linkage = file.linkage
    return linkage is not None and linkage.soname is not None and not linkage.python and linkage.soname.text in needed
