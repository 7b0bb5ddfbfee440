"""Finished environments beside their places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mvlock.install.swap import make_sibling, remove, swap


class Drafts:
    """A folder beside each place that gets something new. Safe for the thread that fills them and one that waits."""

    def __init__(self) -> None:
        self._folders: dict[Path, Path] = {}

    def open(self, place: Path) -> Path:
        """A new folder for what shall be at ``place``."""
        folder = self._folders[place] = make_sibling(place)
        return folder

    def of(self, place: Path) -> Path | None:
        """The folder that was opened for ``place``."""
        return self._folders.get(place)

    def take_their_places(self) -> None:
        """Each by a rename; what was there before is removed in the end."""
        for place, folder in self._folders.items():
            old = swap(folder, place)
            if old is not None:
                self._folders[place] = old

    def clear_away(self) -> None:
        """Remove what is beside its place."""
        for folder in self._folders.values():
            if folder.exists():
                remove(folder)


@contextmanager
def drafts() -> Iterator[Drafts]:
    """Folders of which nothing is left in the end but what has taken its place."""
    made = Drafts()
    try:
        yield made
    finally:
        made.clear_away()
