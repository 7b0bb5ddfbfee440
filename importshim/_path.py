"""``sys.path`` and ``sys.meta_path`` while a runtime with several worlds is live.

Libraries go through ``sys.path`` to find distributions and plug-ins (pkg_resources, ``pkgutil``). The folders of trees
are not on it, because all code could import from them. In a process of one world it has the view, which lists them all.
With several worlds, code of a domain that iterates over the list gets the folders of its own world first, and not the
view. The import system and all other code get the list as it is.
"""

from __future__ import annotations

import os
import sys

from importshim._classes import PathFinder
from importshim._finder import TreeFinder
from importshim._importlib import find_spec_code
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime


class SearchPath(list):  # type: ignore[type-arg]
    """``sys.path``; iterating over it in code of a domain begins with that domain's folders."""

    def __init__(self, entries: Iterable[str], runtime: Runtime) -> None:
        super().__init__(entries)
        self._runtime = runtime

    def __iter__(self) -> Iterator[str]:
        domain = self._runtime.attribution.domain_of_frame(sys._getframe(1))
        return super().__iter__() if domain is None else iter(self._entries_for(domain))

    def copy(self) -> list[str]:
        """What iterating over it in the same place gives."""
        domain = self._runtime.attribution.domain_of_frame(sys._getframe(1))
        return self[:] if domain is None else self._entries_for(domain)

    def _entries_for(self, domain: Domain) -> list[str]:
        return [*domain.paths, *(entry for entry in self[:] if entry not in self._runtime.view)]

    def __reduce__(self) -> tuple[type[list[str]], tuple[list[str]]]:
        return list, (self[:],)


class FinderPath(list):  # type: ignore[type-arg]
    """``sys.meta_path``; the import system gets the finders that the importing code may use, all other code gets all.

    A finder is registered when it is added, before another version of its library removes it.
    """

    def __init__(self, finders: Iterable[Any], paths: PathsPatch) -> None:
        super().__init__(finders)
        self._paths = paths

    def __iter__(self) -> Iterator[Any]:
        owners = self._paths.finder_owners
        if not owners or sys._getframe(1).f_code is not find_spec_code:
            return super().__iter__()
        requester = self._paths.runtime.attribution.current_domain()
        if requester is self._paths.runtime.table.root:
            return super().__iter__()
        providers = {requester, *requester.routes.values()}
        others = [finder for finder, owner in owners if owner not in providers]
        return iter([one for one in self[:] if not any(one is finder for finder in others)])

    def append(self, finder: Any) -> None:
        """Add ``finder`` as the last."""
        super().append(finder)
        self._paths.update_finders()

    def insert(self, index: Any, finder: Any) -> None:
        """Add ``finder`` before ``index``."""
        super().insert(index, finder)
        self._paths.update_finders()


class PathsPatch(Patch):
    """``sys.path`` and ``sys.meta_path``, on which our finder is first.

    ``finder_owners``: the finders that code of a domain has put there, with the domain. ``are_lists_plain``: both can
    stay plain lists, because there is only one world, and the view shows what is there.
    """

    def __init__(self, runtime: Runtime) -> None:
        super().__init__()
        self.runtime = runtime
        self.finder_owners: list[tuple[Any, Domain]] = []
        self.are_lists_plain = runtime.table.has_one_world and any(map(os.path.isdir, runtime.view))
        self._finder = TreeFinder(runtime)
        self._initial_finders: list[Any] = list(sys.meta_path)
        self._known_finders: list[Any] = list(self._initial_finders)
        self._last_finders: list[Any] = []
        self._path: list[str] = sys.path

    def apply(self, module: Any) -> None:
        """Add the finder, and replace both lists by ones that depend on the code that iterates."""
        self.update_finders()

    def domains_added(self) -> None:
        """Replace the lists if that was not needed until now."""
        self.are_lists_plain = self.are_lists_plain and self.runtime.table.has_one_world
        self.update_finders()

    def undo(self) -> None:
        """Make both plain lists without our finder."""
        if type(sys.path) is SearchPath:
            sys.path = sys.path[:]
        if self._finder in sys.meta_path or type(sys.meta_path) is FinderPath:
            sys.meta_path = [finder for finder in sys.meta_path[:] if finder is not self._finder]

    def update_finders(self) -> None:
        """Make finders that a domain's code has put on ``sys.meta_path`` serve that domain, and put ours before them.

        Finders that the application has put before ours stay there: they are called for everything, as usual.
        """
        if not self.are_lists_plain and (type(sys.path) is not SearchPath or type(sys.meta_path) is not FinderPath):
            self._install_lists()
        if sys.meta_path == self._last_finders:
            return
        finders = [one for one in sys.meta_path if one is not self._finder]
        for place, finder in enumerate(finders):
            if not any(finder is one for one in self._known_finders):
                self._known_finders.append(finder)
                self._assign(finder, before_folders=PathFinder in finders[place:])
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        list.insert(sys.meta_path, self._own_index(finders), self._finder)
        self._last_finders = sys.meta_path[:]

    def _own_index(self, finders: list[Any]) -> int:
        """The index after the application's leading finders; those that were there at the start do not count."""
        others = [*self._initial_finders, *(finder for finder, _ in self.finder_owners)]
        return next((place for place, one in enumerate(finders) if any(one is other for other in others)), 0)

    def _install_lists(self) -> None:
        """Install our lists: at the start, and after a library has replaced them.

        A copy that code of a domain has made of ``sys.path`` begins with the domain's folders; these are removed.
        """
        entries = sys.path[:]
        if sys.path is not self._path:
            paths = {path for domain in self.runtime.domains.values() for path in domain.paths}
            shown = paths.difference(self._path[:])
            entries = [entry for entry in entries if entry not in shown]
        self._path = sys.path = SearchPath(entries, self.runtime)
        sys.meta_path = FinderPath(sys.meta_path[:], self)

    def _assign(self, finder: Any, *, before_folders: bool) -> None:
        from importshim._tree_finders import owner

        domain = owner(finder, self.runtime.attribution)
        if domain is not None:
            self.runtime.finders[domain].add_finder(finder, before_folders=before_folders)
            self.finder_owners.append((finder, domain))
            self.runtime.adoption.add_domain_with_finder(domain)
