"""Which domain a file belongs to.

The folder decides, except in the site-packages of a tree from which a shared domain loads modules: it has modules of
both, and the first name in the folder decides. Paths are compared as the platform does: Windows has two separators, and
Windows and macOS ignore case.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from importshim._domain import Domain

_MAX_KNOWN = 1000
"""The number of folders whose owner is remembered."""


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
        self._separator = self._folded(os.sep)
        self.fill(domains)

    def fill(self, domains: Iterable[Domain]) -> None:
        """Replace the folders by those of ``domains``, once they are needed: not every program has files of trees."""
        self._pending: Sequence[Domain] | None = tuple(domains)
        self._by_name: dict[str, dict[str, Domain]] = {}
        self._known: dict[str, tuple[str, list[Domain]]] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        """All folders, the longest first."""
        return tuple(sorted(self._domains_by_folder(), key=len, reverse=True))

    def _domains_by_folder(self) -> dict[str, list[Domain]]:
        pending = self._pending
        if pending is not None:
            self._domains = self._of(pending)
            self._pending = None
        return self._domains

    def _of(self, domains: Iterable[Domain]) -> dict[str, list[Domain]]:
        by_folder: dict[str, list[Domain]] = {}
        for domain in domains:
            for path in domain.paths:
                by_folder.setdefault(self._folded(path + os.sep), []).append(domain)
        return by_folder

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
        start = path[: path.rfind(self._separator) + 1]
        known = self._known
        found = known.get(start)
        if found is None:
            if len(known) >= _MAX_KNOWN:
                known.clear()
            found = known[start] = self._enclosing(start)
        folder, domains = found
        if len(domains) > 1:
            return self._owner_by_name(folder, domains, path[len(folder) :])
        return domains[0] if domains else None

    def _enclosing(self, start: str) -> tuple[str, list[Domain]]:
        """The innermost folder around ``start``, which ends with a separator, that is some domains', and these."""
        by_folder, end = self._domains_by_folder(), len(start) - 1
        while end >= 0:  # outward: the number of folders must not matter
            domains = by_folder.get(start[: end + 1])
            if domains is not None:
                return start[: end + 1], domains
            end = start.rfind(self._separator, 0, end)
        return "", []

    def _owner_by_name(self, folder: str, domains: list[Domain], rest: str) -> Domain:
        """The owner of what is at ``rest`` in a ``folder`` of several ``domains``."""
        if folder not in self._by_name:
            self._by_name[folder] = _by_name(domains, self._folded)
        name = rest.partition(self._separator)[0].partition(".")[0]
        return self._by_name[folder].get(name) or _main(domains)


def _main(domains: list[Domain]) -> Domain:
    """The domain of the tree that the folder belongs to."""
    return min(domains, key=lambda domain: len(domain.trees))


def _by_name(domains: list[Domain], folded: Callable[[str], str]) -> dict[str, Domain]:
    main = _main(domains)
    others = [domain for domain in domains if domain is not main]
    names = ((name, one) for one in others for name, provider in one.routes.items() if provider is one)
    return {folded(name): one for name, one in names if name not in one.adopted}
