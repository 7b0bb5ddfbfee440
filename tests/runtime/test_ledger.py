"""What is replaced in the process, and restored; and the private names of CPython that this relies on."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import importshim
from importshim._ledger import PRIVATE
from tests.support.trees import TreeWorld

_SHOT = """
import importlib, json, sys
def shot():
    '''All that an activation could have changed, as text.'''
    names = {
        "importlib._bootstrap": None, "os": ("posix_spawn", "fork", "execv", "environ"), "_posixsubprocess": None,
        "subprocess": None, "multiprocessing.spawn": None, "multiprocessing.reduction": None, "runpy": None,
        "pickle": None, "_pickle": None, "copyreg": None, "types": None, "site": None, "threading": None, "pkgutil": None,
        "importlib": None, "importlib.metadata": None, "importlib.util": None, "typing": None, "inspect": None,
    }
    found = {}
    for name, attributes in names.items():
        module = sys.modules.get(name)
        for key in (attributes or sorted(vars(module))) if module is not None else ():
            value = vars(module).get(key)
            found[name + "." + key] = id(value) if callable(value) else type(value).__name__
    import builtins
    found["builtins"] = [type(builtins).__name__, {key: id(value) for key, value in vars(builtins).items() if key != "_"}]
    for kind in (sys.modules["pickle"]._Pickler, sys.modules["pickle"].Pickler):
        found[str(kind)] = sorted(vars(kind))
    for kind in (sys.modules["threading"].Thread, sys.modules["concurrent.futures.thread"]._WorkItem):
        found[str(kind)] = {key: id(value) for key, value in vars(kind).items() if callable(value)}
    found["schemes"] = sorted(sys.modules["sysconfig"].get_scheme_names())
    found["path"] = [type(sys.path).__name__, list(sys.path)]
    found["meta_path"] = [type(sys.meta_path).__name__, list(map(repr, sys.meta_path))]
    found["hooks"] = list(map(repr, sys.path_hooks))
    found["modules"] = sorted({type(key).__name__ for key in sys.modules})
    found["trees"] = [key for key in sys.modules if key.partition(".")[0] in ("py_modules", "lib", "lib_old")]
    return found
"""
_LOADED = "import threading, concurrent.futures.thread, multiprocessing.spawn, multiprocessing.reduction, pickle, runpy, subprocess, sysconfig, pkgutil, typing, inspect"


@pytest.fixture
def busy(world: TreeWorld) -> TreeWorld:
    """Two versions of lib, which has made all kinds of uses of what is replaced."""
    for name in ("a", "b"):
        world.tree(name, {"lib.py": "import pickle\nclass Pickler(pickle.Pickler): pass\nclass Thing: pass\n"})
    return world.expose(lib="a").alias("lib_old", "b", "lib")


_USE = """
import lib, lib_old, pickle, subprocess
assert lib is not lib_old and type(pickle.loads(pickle.dumps(lib_old.Thing()))) is lib_old.Thing
"""


_LIFE = """
{before}
import importshim, importlib.metadata, importlib.util
{shot}
importshim.activate({path!r}).deactivate()  # what is loaded for it stays loaded
{loaded}
first = shot()
for _ in range(2):
    handle = importshim.activate({path!r})
    exec({use!r})
    handle.deactivate()
    last = shot()
    print([(key, first.get(key), last.get(key)) for key in first.keys() | last.keys() if first.get(key) != last.get(key)])
"""


@pytest.mark.parametrize("before", [_LOADED, ""], ids=["loaded before", "loaded while active"])
def test_the_process_is_what_it_was_whenever_a_runtime_ends(busy: TreeWorld, before: str) -> None:
    path = str(busy.write_map())
    done = busy.start_inactive(_LIFE.format(before=before, shot=_SHOT, path=path, loaded=_LOADED, use=_USE))
    assert (done.stdout, done.stderr) == ("[]\n[]\n", "")


def test_every_private_name_is_there(world: TreeWorld) -> None:
    program = """
    import importlib
    from importshim._ledger import PRIVATE
    for one in PRIVATE:
        importlib.import_module(one.module)
    print([(one.module, one.name) for one in PRIVATE if not one.exists()])
    """
    assert world.start_inactive(program).stdout == "[]\n"


def test_no_other_private_name_of_the_standard_library_is_used() -> None:
    known = {(one.module, one.name) for one in PRIVATE}
    used = {name for path in sorted(Path(importshim.__file__).parent.glob("*.py")) for name in _private_names(path)}
    documented = {("_thread", "allocate_lock"), ("_thread", "get_ident"), ("sys", "_getframe")}
    assert used - documented <= known


def _private_names(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of what a file takes from the standard library that begins with an underscore, or is in such."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    modules = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            modules.update({alias.asname or alias.name: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith(("importshim", "__")):
            names = [alias.name for alias in node.names]
            yield from ((node.module, name) for name in names if "_" in (node.module[0], name[0]))
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr[:2] != "__":
            module = {"bootstrap": "_frozen_importlib"}.get(node.value.id, modules.get(node.value.id, ""))
            if module.partition(".")[0] in sys.stdlib_module_names and "_" in (module[0], node.attr[0]):
                yield module, node.attr
