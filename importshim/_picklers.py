"""Makes the picklers of the module ``pickle``, and libraries' subclasses of them, write what ``_pickling`` says."""

from __future__ import annotations

import sys
from types import FunctionType

from importshim._active import live
from importshim._domain import add_rebuilder
from importshim._patch import Patch
from importshim._pickling import reduced_with_owner, reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from importshim._table import Table


class PicklePatch(Patch):
    """Makes the picklers of the module ``pickle``, and its functions that use them, name trees where worlds differ.

    Subclasses of our picklers write as usual when no runtime is live.
    """

    module = "pickle"

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._table = table
        self._writes_trees = False
        self._replaced: dict[int, Any] = {}
        """By ``id`` of an original: what replaces it."""

    def apply(self, module: Any) -> None:
        """Replace them by ours."""
        python = module._Pickler
        kind = _with_subclass_hook(module.Pickler)
        self.put(python, "__init_subclass__", classmethod(_on_subclass))
        self.put(module, "Pickler", kind)
        self._start_writing_trees()

    def replace_references(self) -> None:
        """See ``Patch``: existing picklers, and modules that imported what is replaced. Takes milliseconds."""
        if self._writes_trees:
            module: Any = sys.modules[self.module]
            self._replace_in_classes(module, *module.Pickler.__bases__)
            self._replace_in_modules()

    def domains_added(self) -> None:
        """Name trees from now on, if names alone have become ambiguous."""
        if self._start_writing_trees():
            self.replace_references()

    def _start_writing_trees(self) -> bool:
        """Begin to name trees, if that is needed; whether it began now."""
        if self._table.is_unambiguous or self._writes_trees:
            return False
        self._writes_trees = True
        module: Any = sys.modules[self.module]
        dump, dumps = _functions(module.Pickler)
        (base,) = module.Pickler.__bases__
        self._replaced = {id(module.dump): dump, id(module.dumps): dumps, id(base): module.Pickler}
        for kind in (module.Pickler, module._Pickler):
            self.put(kind, "reducer_override", _reducer_override(kind, None))
        self.put(module, "dump", dump)
        self.put(module, "dumps", dumps)
        return True

    def _replace_in_classes(self, module: Any, base: Any) -> None:
        """Make existing subclasses of the C pickler, ``base``, and of the one in Python, name trees too."""
        for kind in (*_subclasses(base, module.Pickler), *_subclasses(module._Pickler, None)):
            own = vars(kind).get("reducer_override")
            if own is not None:
                self.put(kind, "reducer_override", _reducer_override(kind, own))
                _note_rebuilder(own)
            elif base in kind.__bases__:
                self.put(kind, "reducer_override", vars(module.Pickler)["reducer_override"])

    def _replace_in_modules(self) -> None:
        for module in [one for name, one in list(sys.modules.items()) if str(name) not in ("_pickle", "pickle")]:
            namespace = getattr(module, "__dict__", None)
            for name, value in list(namespace.items()) if type(namespace) is dict else ():
                if id(value) in self._replaced:
                    self.put(module, name, self._replaced[id(value)])

    def names_contested(self) -> None:
        """See ``domains_added``."""
        self.domains_added()

    def undo(self) -> None:
        """See ``Patch.undo``."""
        super().undo()
        self._writes_trees = False


def _subclasses(base: Any, ours: Any) -> Iterator[Any]:
    """All subclasses of ``base``, except ``ours`` and its subclasses."""
    for kind in base.__subclasses__():
        if kind is not ours:
            yield kind
            yield from _subclasses(kind, ours)


def _with_subclass_hook(base: Any) -> Any:
    """A subclass of the C pickler that notices when it is subclassed."""
    body = {"__module__": base.__module__, "__doc__": base.__doc__, "__init_subclass__": classmethod(_on_subclass)}
    return type("Pickler", (base,), body)


def _functions(pickler: Any) -> tuple[Callable[..., None], Callable[..., bytes]]:
    from io import BytesIO

    def dump(
        obj: Any, file: Any, protocol: Any = None, *, fix_imports: bool = True, buffer_callback: Any = None
    ) -> None:
        pickler(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback).dump(obj)

    def dumps(obj: Any, protocol: Any = None, *, fix_imports: bool = True, buffer_callback: Any = None) -> bytes:
        file = BytesIO()
        pickler(file, protocol, fix_imports=fix_imports, buffer_callback=buffer_callback).dump(obj)
        return file.getvalue()

    return dump, dumps


def _on_subclass(kind: Any) -> None:
    """Let a subclass of our picklers decide only about what we do not name."""
    own = vars(kind).get("reducer_override")
    if own is not None:
        kind.reducer_override = _reducer_override(kind, own)
        _note_rebuilder(own)


def _note_rebuilder(own: Any) -> None:
    """Keep the owner of functions that ``own``, a library's ``reducer_override``, re-creates."""
    domain = live[0].attribution.domain_of_globals(getattr(own, "__globals__", None)) if live else None
    if domain is not None:
        add_rebuilder(domain, own.__globals__)


def _reducer_override(kind: Any, own: Callable[[Any, Any], Any] | None) -> Callable[[Any, Any], Any]:
    def reducer_override(self: Any, thing: Any) -> Any:
        found = NotImplemented
        if live and not live[0].table.is_unambiguous:
            finder = own or _dispatch_function(self, thing)
            found = reference(thing, finder, of_modules=own is not None or type(self) is not kind)
        if found is not NotImplemented or own is None:
            return found
        found = own(self, thing)
        is_function = live and isinstance(thing, FunctionType) and type(found) is tuple
        return reduced_with_owner(thing, found, own) if is_function else found

    return reducer_override


def _dispatch_function(pickler: Any, thing: Any) -> Callable[..., Any] | None:
    """What a library put into a Python pickler's ``dispatch`` for this type, if anything: it looks names up (dill)."""
    save = getattr(type(pickler), "dispatch", {}).get(type(thing))
    names = getattr(save, "__globals__", None)
    return save if names is not None and live[0].attribution.domain_of_globals(names) is not None else None
