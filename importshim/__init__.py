"""importshim: routes each import by the importing code, so that one process can hold several versions of a library.

`mvlock install` puts this package, with its import_map.json, into the application's environment, where a ``.pth``
file activates it at start-up. Programs need the functions below only to use trees explicitly:

    importshim.tree("dep_a").import_module("pandas")    # the pandas of that tree
    from py_modules.dep_a import pandas                 # the same, as a statement
    with importshim.using("dep_a"): ...                 # imports get what that tree gets
    importshim.explain(error)                           # "pandas.Series of tree dep_b (2.0.3) is not …"
    print(importshim.explain_import("pandas"))          # what an import gets, and by which rule
    importshim.whose(obj)                               # Origin(tree="dep_a", distribution="pandas", version="2.2.0")

How it works: docs/runtime.md. It imports the standard library only.
"""

from __future__ import annotations

import os
import sys

from importshim._active import InterpreterError, check_interpreter, is_main_interpreter, live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from importshim._api import ImportExplanation, Origin, Tree
    from importshim._map import MapError
    from importshim._map_diff import RefreshError
    from importshim._runtime import Runtime

__all__ = [
    "Handle",
    "ImportExplanation",
    "InterpreterError",
    "MapError",
    "Origin",
    "RefreshError",
    "Tree",
    "activate",
    "explain",
    "explain_import",
    "limits",
    "tree",
    "using",
    "whose",
]

_TYPES = {
    **dict.fromkeys(("ImportExplanation", "Origin", "Tree"), "importshim._api"),
    "MapError": "importshim._map",
    "RefreshError": "importshim._map_diff",
}
"""Types for annotations and ``except`` clauses, by the module that is imported when somebody names one."""

MAP_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "import_map.json")

_active: Handle | None = None
_started = False


def __getattr__(name: str) -> object:
    if name not in _TYPES:
        raise AttributeError(f"module 'importshim' has no attribute '{name}'")
    return getattr(__import__(_TYPES[name], fromlist=[name]), name)


def activate(path: str | os.PathLike[str] | None = None) -> Handle:
    """Start routing imports for the project installed at ``path``.

    ``path`` is the folder of a project (with ``mv.lock`` and ``app/``) or an import_map.json; the default is the map
    beside this package. Modules that are already imported stay loaded, and belong to the application.

    Idempotent: while active, the same handle is returned. ``handle.deactivate()`` restores the import system.

    :raises MapError: (an ImportError) the map is missing, damaged or of another version, or another
        project is active
    :raises InterpreterError: (an ImportError) this Python runs without the GIL, or is of another
        version than the project was installed for
    """
    global _active
    if _active is not None and path is None:
        return _active
    map_path = _map_of(path)
    if _active is None:
        check_interpreter()
        _active = _reading_map(_activate if path is None else _activate_without_view, map_path)
    elif _active.map_path != map_path:
        from importshim._map import MapError

        raise MapError(f"{map_path} cannot be activated while {_active.map_path} is active: a process has one project")
    return _active


def _map_of(path: str | os.PathLike[str] | None) -> str:
    if path is None:
        return MAP_PATH
    from importshim._project import find_map

    return find_map(os.fspath(path))


def _reading_map(function: Callable[[str], Handle], path: str) -> Handle:
    """Call ``function``; what it finds damaged of the map is an ImportError, as for any other map."""
    from importshim._map import DamagedMapError, MapError

    try:
        return _eagerly(function, path)
    except DamagedMapError as error:
        raise MapError(str(error)) from None


def _eagerly(function: Callable[[str], Handle], path: str) -> Handle:
    """Call ``function`` with only explicit lazy imports lazy: the code that serves imports must be loaded first."""
    mode = getattr(sys, "get_lazy_imports", lambda: "normal")()
    if mode == "normal":
        return function(path)
    sys.set_lazy_imports("normal")  # type: ignore[attr-defined]
    try:
        return function(path)
    finally:
        sys.set_lazy_imports(mode)  # type: ignore[attr-defined]


def _activate(map_path: str) -> Handle:
    """Activate in the application's own environment, which has the view on ``sys.path``."""
    from importshim._view import view_folders

    return _activate_without_view(map_path, view_folders(map_path))


def _activate_without_view(map_path: str, view: tuple[str, ...] = ()) -> Handle:
    from importshim._map import damaged, read_map
    from importshim._runtime import Runtime

    try:
        runtime = Runtime(read_map(map_path), view)
    except KeyError as error:
        raise damaged(map_path, error) from None
    live[:] = [runtime]
    try:
        runtime.activate()
    except BaseException:
        _undo(runtime)
        raise
    return Handle(runtime, map_path)


def _undo(runtime: Runtime) -> None:
    """Undo what a failed activation has changed."""
    live.clear()
    try:
        runtime.deactivate()
    except Exception as error:
        sys.stderr.write(f"importshim: {error!r} while undoing its changes\n")


def start() -> None:
    """Called by the ``.pth`` file: ``activate``, but if that fails, Python still starts, with one line on stderr.

    Only the first call has an effect: ``site`` reads the files of a virtual environment twice.
    """
    global _started
    if _started:
        return
    _started = True
    import gc

    from importshim._map import MapError

    is_collecting = gc.isenabled()
    gc.disable()  # everything allocated here stays alive, and collecting takes a tenth of the time
    try:
        activate()
    except (MapError, InterpreterError) as error:
        _start_without_routing(str(error))
    except Exception as error:  # site would print lines that do not say what to do
        python = ".".join(map(str, sys.version_info[:3]))
        _start_without_routing(
            f"cannot start on Python {python} ({error!r}); upgrade mvlock and run `mvlock install`, "
            "or `mvlock install --python` with another Python"
        )
    finally:
        if is_main_interpreter():
            gc.freeze()  # nor is any of it collected later, or looked through when the process ends
        if is_collecting:
            gc.enable()


def _start_without_routing(why: str) -> None:
    from importshim._view import ViewPatch, view_folders

    ViewPatch(view_folders(MAP_PATH)).apply(None)
    sys.stderr.write(f"importshim: {why}\n")


class Handle:
    """An active routing, by the map at ``map_path``; ``deactivate`` ends it."""

    def __init__(self, runtime: Runtime, map_path: str) -> None:
        self.runtime = runtime
        self.map_path = map_path

    def refresh(self) -> None:
        """Read the map again after `mvlock install`, so that new trees can be imported from without a restart.

        Loaded modules and unchanged trees stay as they are.

        :raises RefreshError: (an ImportError) a tree with loaded modules was changed or removed,
            or loaded code would find other modules than before; then nothing is changed
        :raises MapError: (an ImportError) the map is missing, damaged or of another version
        :raises RuntimeError: this handle is no longer active
        """
        if _active is not self:
            raise RuntimeError("this handle is not active any more; activate() returns one that is")
        _reading_map(self._refresh, self.map_path)

    def _refresh(self, map_path: str) -> Handle:
        from importshim._map import damaged, read_map

        try:
            self.runtime.refresh(read_map(map_path))
        except KeyError as error:
            raise damaged(map_path, error) from None
        return self

    def deactivate(self) -> None:
        """Restore the import system and forget the trees' modules. Idempotent."""
        global _active
        if _active is self:
            _active = None
            self.runtime.deactivate()
            live.clear()


def tree(name: str) -> Tree:
    """The tree called ``name``.

    :raises LookupError: there is no such tree; the message lists all trees
    """
    from importshim._api import Tree

    return Tree(name)


def using(name: str) -> AbstractContextManager[None]:
    """A context manager: inside it, code of the application imports as code of tree ``name`` does.

    It affects only the current context (``contextvars``), can be entered again, and can decorate functions.

    :raises LookupError: there is no such tree
    """
    from importshim._api import Using

    return Using(name)


def whose(thing: object) -> Origin | None:
    """The tree, distribution and version that a module, class, function or instance comes from; None if no tree's."""
    from importshim._api import whose

    return whose(thing)


def explain(error: BaseException) -> str | None:
    """How ``error`` comes from mixing two versions of one library; None if nothing shows that it does.

    "pandas.Series of tree dep_b (2.0.3) is not pandas.Series of tree dep_a (2.2.0)" is returned if values of both
    classes are in the error's arguments, or are used in or passed to the innermost frames of its traceback; also if a
    tree's code rejects an object made with another version of a library than the tree has.

    :raises TypeError: ``error`` is not an exception
    """
    from importshim._explain import explain

    return explain(error)


def limits() -> tuple[str, ...]:
    """What importshim cannot do on this platform or interpreter, in sentences; () if nothing is missing."""
    from importshim._active import runtime

    return runtime().extensions.limits


def explain_import(name: str, *, tree: str | None = None) -> ImportExplanation:
    """What ``import name`` gets in code of the application, or of ``tree``, and why; nothing is imported.

    ``print(importshim.explain_import("pandas", tree="dep_a"))`` prints it in one line; ``rule`` and ``reason`` are the
    number of the rule in docs/runtime.md and why it applies, ``origin`` is what ``whose`` returns. A name that is
    missing, or that only others have, is explained too (rule 6). IMPORTSHIM_TRACE=1 in the environment writes such a
    line to stderr when a name is first looked up, IMPORTSHIM_TRACE=FILE to a file.

    :raises LookupError: there is no such tree
    """
    from importshim._api import explain_import

    return explain_import(name, tree)
