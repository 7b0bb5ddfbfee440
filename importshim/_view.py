"""The view for tools that look at the disk: it is on ``sys.path``, but imports find nothing in it.

Type checkers and editors find the application's libraries in two folders of links at the end of ``sys.path``, and so
does code that lists modules (``pkgutil``, pkg_resources). The map decides which code gets which module, so a path hook
gives these folders a finder that finds nothing for the import system. Tools that search the folders of ``sys.path`` for
modules themselves (PyInstaller) get what is linked there.
"""

from __future__ import annotations

import os
import sys

from importshim._classes import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    PathFinder,
    SourceFileLoader,
)
from importshim._patch import Patch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from typing import Any

_IMPORT_SYSTEM = PathFinder.find_spec.__globals__
_FOLDERS = ("application", "behind")


class _ListingFinder(FileFinder):
    """Finds nothing to import in its folder; code that can list the folder of a ``FileFinder`` can list it.

    ``find`` returns the spec of a module by name.
    """

    def __init__(self, path: str, find: Callable[[str], ModuleSpec | None]) -> None:
        super().__init__(path, (SourceFileLoader, SOURCE_SUFFIXES), (ExtensionFileLoader, EXTENSION_SUFFIXES))
        self._find = find

    def find_spec(self, fullname: str, target: Any = None) -> ModuleSpec | None:
        """None for the import system (its ``PathFinder``), whatever the name."""
        is_import = sys._getframe(1).f_globals is _IMPORT_SYSTEM
        return None if is_import or super().find_spec(fullname) is None else self._find(fullname)


def _find_nothing(fullname: str) -> None:
    """None, whatever the name."""


def view_folders(map_path: str) -> tuple[str, ...]:
    """The folders of the view that goes with the map at ``map_path``."""
    site_packages = os.path.dirname(os.path.dirname(os.path.abspath(map_path)))
    view = os.path.join(os.path.dirname(site_packages), ".view")
    return tuple(os.path.join(view, name) for name in _FOLDERS)


class ViewPatch(Patch):
    """Hides the ``folders`` of a view from imports, by a path hook; ``find`` gives other code the specs of what is
    there."""

    def __init__(self, folders: tuple[str, ...], find: Callable[[str], ModuleSpec | None] = _find_nothing) -> None:
        super().__init__()
        self._folders = folders
        self._find = find

    def __call__(self, path: str) -> _ListingFinder:
        """The path hook."""
        if path in self._folders:
            return _ListingFinder(path, self._find)
        raise ImportError(path)

    def apply(self, module: Any) -> None:
        """Hide the view from now on."""
        self._forget()
        sys.path_hooks.insert(0, self)

    def undo(self) -> None:
        """Leave the folders to the other path hooks again."""
        sys.path_hooks[:] = [hook for hook in sys.path_hooks if hook is not self]
        self._forget()

    def _forget(self) -> None:
        for folder in self._folders:
            sys.path_importer_cache.pop(folder, None)
