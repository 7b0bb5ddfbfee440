"""Which domain a file is of.

The folder tells, but for the site-packages of a tree from which modules of a shared domain are loaded: there lie
modules of both, and the first name in the folder tells.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from importshim._domain import Domain


class Places:
    """The folders of all ``domains``."""

    def __init__(self, domains: Iterable[Domain]) -> None:
        holders: dict[str, list[Domain]] = {}
        for domain in domains:
            for path in domain.paths:
                holders.setdefault(path + os.sep, []).append(domain)
        self.folders = tuple(sorted(holders, key=len, reverse=True))
        self._folders = {folder: (_main(found), _by_name(found)) for folder, found in holders.items()}

    def owner(self, path: str) -> Domain | None:
        """The domain that the file or folder ``path`` is of; None: no domain's."""
        if not path.startswith(self.folders):
            return None
        folder = next(folder for folder in self.folders if path.startswith(folder))
        main, by_name = self._folders[folder]
        if not by_name:
            return main
        name = path[len(folder) :].partition(os.sep)[0].partition(".")[0]
        return by_name.get(name, main)


def _main(domains: list[Domain]) -> Domain:
    """The domain of the tree that the folder belongs to."""
    return min(domains, key=lambda domain: len(domain.trees))


def _by_name(domains: list[Domain]) -> dict[str, Domain]:
    main = _main(domains)
    return {name: domain for domain in domains if domain is not main for name in domain.provided()}
