"""``sys.path`` and ``sys.meta_path`` while a runtime is live that tells several worlds apart.

Libraries go through ``sys.path`` to find distributions and plug-ins (pkg_resources, ``pkgutil``). The folders of trees
are not on it, or everyone could import from them. In a process of one world the view stands there, which lists them
all. Where worlds differ, code that goes through the list itself meets the folders of its own world first, and not the
view. The import system and all others see the list as it is.
"""

from __future__ import annotations

import sys

from importshim._importlib import find_spec_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from importshim._domain import Domain
    from importshim._runtime import Runtime


class SearchPath(list):  # type: ignore[type-arg]
    """``sys.path``; iterating over it in code of a domain begins with its folders."""

    def __init__(self, entries: Iterable[str], runtime: Runtime) -> None:
        super().__init__(entries)
        self._runtime = runtime

    def __iter__(self) -> Iterator[str]:
        domain = self._runtime.asker.domain_of_frame(sys._getframe(1))
        return super().__iter__() if domain is None else iter(self._seen_by(domain))

    def copy(self) -> list[str]:
        """What iterating over it in the same place gives."""
        domain = self._runtime.asker.domain_of_frame(sys._getframe(1))
        return self[:] if domain is None else self._seen_by(domain)

    def _seen_by(self, domain: Domain) -> list[str]:
        return [*domain.paths, *(entry for entry in self[:] if entry not in self._runtime.view)]

    def __reduce__(self) -> tuple[type[list[str]], tuple[list[str]]]:
        return list, (self[:],)


class FinderPath(list):  # type: ignore[type-arg]
    """``sys.meta_path``; the import system meets the finders that may answer the asker, all others meet all.

    A finder is noticed when it is added, before another version of its library removes it.
    """

    def __init__(self, finders: Iterable[Any], runtime: Runtime) -> None:
        super().__init__(finders)
        self._runtime = runtime

    def __iter__(self) -> Iterator[Any]:
        owners = self._runtime.finder_owners
        if not owners or sys._getframe(1).f_code is not find_spec_code:
            return super().__iter__()
        asker = self._runtime.asker.here()
        if asker is self._runtime.table.root:
            return super().__iter__()
        served = {asker, *asker.routes.values()}
        strange = [finder for finder, owner in owners if owner not in served]
        return iter([one for one in self[:] if not any(one is finder for finder in strange)])

    def append(self, finder: Any) -> None:
        """Add ``finder`` as the last."""
        super().append(finder)
        self._runtime.survey_finders()

    def insert(self, index: Any, finder: Any) -> None:
        """Add ``finder`` before ``index``."""
        super().insert(index, finder)
        self._runtime.survey_finders()
