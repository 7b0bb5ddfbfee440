"""Which domain a file belongs to.

The folder decides, except in the site-packages of a tree from which a shared domain loads modules: it has modules of
both, and the first name in the folder decides. Paths are compared as the platform does: Windows has two separators, and
Windows and macOS ignore case.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from importshim._domain import Domain


def folding(platform: str) -> Callable[[str], str] | None:
    """The function that makes paths of one file equal on ``platform`` (``sys.platform``); None if none is needed."""
    if platform == "win32":
        import ntpath

        return ntpath.normcase
    return str.casefold if platform in ("darwin", "cygwin") else None


class FileOwners:
    """The folders of all ``domains``; ``folders`` has them as ``fold`` normalises them (None: unchanged)."""

    def __init__(self, domains: Iterable[Domain], fold: Callable[[str], str] | None = None) -> None:
        self._fold = fold
        self.folders: tuple[str, ...] = ()
        self.fill(domains)

    def fill(self, domains: Iterable[Domain]) -> None:
        """Replace the folders by those of ``domains``."""
        by_folder: dict[str, list[Domain]] = {}
        for domain in domains:
            for path in domain.paths:
                by_folder.setdefault(self._folded(path + os.sep), []).append(domain)
        self._folders = {folder: (_main(found), _by_name(found, self._folded)) for folder, found in by_folder.items()}
        self.folders = tuple(sorted(by_folder, key=len, reverse=True))

    @property
    def are_literal_prefixes(self) -> bool:
        """Whether a path in one of ``folders`` literally begins with it."""
        return self._fold is None

    def _folded(self, path: str) -> str:
        return path if self._fold is None else self._fold(path)

    def owner(self, path: str) -> Domain | None:
        """The domain that the file or folder ``path`` belongs to; None if to none."""
        if self._fold is not None:
            path = self._fold(path)
        if not path.startswith(self.folders):
            return None
        folder = next(folder for folder in self.folders if path.startswith(folder))
        main, by_name = self._folders[folder]
        if not by_name:
            return main
        name = path[len(folder) :].partition(folder[-1])[0].partition(".")[0]
        return by_name.get(name, main)


def _main(domains: list[Domain]) -> Domain:
    """The domain of the tree that the folder belongs to."""
    return min(domains, key=lambda domain: len(domain.trees))


def _by_name(domains: list[Domain], folded: Callable[[str], str]) -> dict[str, Domain]:
    main = _main(domains)
    others = [domain for domain in domains if domain is not main]
    return {folded(name): one for one in others for name, provider in one.routes.items() if provider is one}
