"""Trees that `mvlock install` has created while a process runs are added, and what is loaded stays as it is."""

from __future__ import annotations

import json
import shutil

import pytest

from importshim._map import MAP_VERSION
from tests.support.native import extension_module
from tests.support.trees import TreeWorld, with_names

assert MAP_VERSION == 3, "the maps below are of this version"

_HEAD = """
import sys, importshim, pathlib
MAP = pathlib.Path(importshim.activate().map_path)
def install():
    '''The map that is prepared becomes the one that is there.'''
    MAP.with_name("next.json").replace(MAP)
    importshim.activate().refresh()
def refused():
    try: install()
    except ImportError as error: return str(error).partition(". What")[0]
"""


def _plugin(world: TreeWorld, name: str, version: str, **more: str) -> TreeWorld:
    """A plugin with a lib of its own."""
    lib = {
        "lib/__init__.py": f"from .core import Thing\nv = '{version}'\nstate = []\n",
        "lib/core.py": "class Thing: pass\n",
        "lib/late.py": "from . import v\n",
    }
    seen = "import lib\ndef seen():\n    import lib.late\n    return lib.late.v\n"
    return world.tree(name, {f"{name}.py": seen, **lib, **more}, version=version).expose(**{name: name})


def _refresh(before: TreeWorld, after: TreeWorld, program: str, first: str = "") -> str:
    """What ``program`` prints in a process that starts with ``before``, when ``after`` is what would be installed.

    ``after`` is another world in the same folder.
    """
    assert before.root == after.root
    (after.root / "next.json").write_text(json.dumps(after.import_map()), "utf-8")
    return before.run(f"{_HEAD}\n{first}\n{program}")


@pytest.fixture
def one(world: TreeWorld) -> TreeWorld:
    """A host with one plugin."""
    return _plugin(world, "red", "1.0")


def _with(world: TreeWorld) -> TreeWorld:
    """The same application, to be given more."""
    again = TreeWorld(world.root, world.python)
    for name, version in world.trees.items():
        again.tree(name, {}, version=version)
    return again.expose(**world.exposed)


def test_a_tree_of_another_version_is_added_and_what_was_sole_stays_as_it_is(one: TreeWorld) -> None:
    after = _plugin(_with(one), "blue", "2.0")
    program = """
import red
lib, Thing = red.lib, red.lib.Thing
lib.state.append("kept")
install()
import blue, pickle
print(red.seen(), blue.seen(), red.lib is lib, lib.state, blue.lib is lib)
print(red.lib.Thing is Thing, importshim.whose(Thing)[0], importshim.whose(blue.lib.Thing)[0])
print([type(pickle.loads(pickle.dumps(one))) is type(one) for one in (Thing(), blue.lib.Thing())])
"""
    assert _refresh(one, after, program).splitlines() == [
        "1.0 2.0 True ['kept'] False", "True red blue", "[True, True]",
    ]  # fmt: skip


def test_before_the_refresh_nothing_of_a_new_tree_is_there_and_a_failed_import_can_be_tried_again(
    one: TreeWorld,
) -> None:
    program = """
import red
def tried():
    try: import blue
    except ImportError as error: return error.name
    return blue.seen()
print(tried(), end=" "); install(); print(tried())
"""
    assert _refresh(one, _plugin(_with(one), "blue", "2.0"), program) == "blue 2.0"


def test_a_third_tree_joins_two_that_are_distinguished(one: TreeWorld) -> None:
    before = _plugin(one, "blue", "2.0")
    after = _plugin(_with(before), "green", "3.0")
    program = """
import red, blue
libs = red.lib, blue.lib
install()
import green
print(red.seen(), blue.seen(), green.seen(), (red.lib, blue.lib) == libs)
from py_modules.green import lib
print(lib is green.lib, importshim.tree("green").import_module("lib") is lib, sorted(importshim.tree("green").distributions))
"""
    assert _refresh(before, after, program) == "1.0 2.0 3.0 True\nTrue True ['green', 'lib']"


def test_a_process_that_starts_without_trees_adds_the_first(world: TreeWorld) -> None:
    program = "install()\nimport red\nprint(red.seen())"
    assert _refresh(world, _plugin(_with(world), "red", "1.0"), program) == "1.0"


def test_unloaded_trees_may_change_and_go(one: TreeWorld) -> None:
    before = _plugin(_plugin(one, "blue", "2.0"), "green", "2.0")
    after = _plugin(_plugin(TreeWorld(one.root, one.python), "red", "1.0"), "blue", "3.0")
    program = """
import red
install()
import blue
print(red.seen(), blue.seen())
try: import green
except ModuleNotFoundError as error: print(error.name)
"""
    blue_lib = one.site("blue") / "lib" / "__init__.py"
    assert _refresh(before, after, program) == "1.0 3.0\ngreen"
    assert "3.0" in blue_lib.read_text("utf-8")


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
def test_a_tree_that_has_another_version_by_now_is_refused_if_something_of_it_is_loaded(
    one: TreeWorld, *, loaded: bool
) -> None:
    after = _with(one)
    after.trees["red"] = "1.1"
    program = f"""
{"import red" if loaded else ""}
print(refused())
import red
print(red.seen())
"""
    message = "tree red has lib 1.1 now, but lib 1.0 is loaded" if loaded else "None"
    assert _refresh(one, after, program) == f"{message}\n1.0"


def test_a_removed_tree_is_refused_if_something_of_it_is_loaded_and_nothing_has_changed(one: TreeWorld) -> None:
    before = _plugin(one, "blue", "2.0")
    after = _plugin(TreeWorld(one.root, one.python), "red", "1.0")
    after = _plugin(after, "green", "3.0")
    program = """
import red, blue
print(refused())
try: import green
except ModuleNotFoundError as error: print(error)
print(red.seen(), blue.seen())
"""
    message = "tree blue was removed, but blue 2.0 is loaded from it"
    assert _refresh(before, after, program) == f"{message}\nNo module named 'green'\n1.0 2.0"


@pytest.mark.parametrize("loaded", [True, False], ids=["loaded", "not loaded"])
def test_a_tree_that_was_installed_again_is_refused_if_something_of_it_is_loaded(
    one: TreeWorld, *, loaded: bool
) -> None:
    """Also in the same version: a local project may have other code."""
    after = _plugin(_with(one), "blue", "2.0")
    shutil.copytree(one.site("red"), one.root / "anew")
    program = f"""
{"import red" if loaded else ""}
tree = MAP.with_name("py_modules") / "red"
tree.rename(MAP.with_name("old")), MAP.with_name("anew").rename(tree)
print(refused())
import red
try: print(red.seen())
except ImportError as error: print(error)
"""
    message = "tree red was replaced, but lib 1.0 is loaded from the old one" if loaded else "None"
    late = "tree red was replaced while this process had something loaded from it; restart the process"
    more = f"cannot import 'lib.late': {late}" if loaded else "1.0"
    assert _refresh(one, after, program) == f"{message}\n{more}"


def _grown(world: TreeWorld, worlds: dict[str, list[str]]) -> dict[str, object]:
    """The map of ``world`` with trees that are one environment: name of a domain to its trees."""
    found = json.loads(json.dumps(world.import_map()))
    domains = {one["name"]: one for one in found["domains"]}
    renamed = {tree: name for name, trees in worlds.items() for tree in trees}
    found["domains"] = []
    for name, trees in worlds.items():
        parts = [domains[tree] for tree in trees]
        paths = [path for part in parts for path in part["paths"]]
        items = {
            item["name"]: {**item, "site": place} for place, part in enumerate(parts) for item in part["distributions"]
        }
        routes = {top: name for part in parts for top in part["routes"]}
        found["domains"].append(
            {"name": name, "trees": trees, "paths": paths, "distributions": list(items.values()), "routes": routes}
        )
    for tree in found["trees"]:
        found["trees"][tree]["domain"] = renamed[tree]
    found["root"] = {name: renamed[tree] for name, tree in found["root"].items()}
    return with_names(found)


def _refresh_to(before: TreeWorld, after: dict[str, object], program: str) -> str:
    (before.root / "next.json").write_text(json.dumps(after), "utf-8")
    return before.run(f"{_HEAD}\n{program}")


def test_a_tree_that_agrees_with_all_makes_the_world_larger(one: TreeWorld) -> None:
    """The same lib is the one that is loaded already, though the map would load it from the new tree."""
    after = _plugin(_with(one), "rose", "1.0")
    program = """
import red
lib = red.lib
install()
import rose
print(rose.lib is lib, rose.seen(), type(sys.path).__name__, importshim.whose(lib)[0])
"""
    assert _refresh_to(one, _grown(after, {"red+rose": ["red", "rose"]}), program).startswith("True 1.0 ")


def test_children_of_an_extended_world_still_run_as_it(one: TreeWorld) -> None:
    after = _plugin(_with(one), "rose", "1.0", **{"tool.py": "import os\ndef tree(): return __import__('subprocess')"})
    program = """
import red
install()
import subprocess
words = "[sys.executable, '-c', 'import os; print(os.environ.get(\\"IMPORTSHIM_TREE\\"))']"
exec(f"def run(): return subprocess.check_output({words}, text=True)", vars(red))
red.subprocess, red.sys = subprocess, sys
print(red.run().strip())
"""
    assert _refresh_to(one, _grown(after, {"red+rose": ["red", "rose"]}), program) == "red+rose"


def test_loaded_worlds_that_would_be_one_are_refused(one: TreeWorld) -> None:
    before = _plugin(one, "rose", "1.0")
    program = "import red, rose\nlib = red.lib\nprint(refused())\nprint(red.lib is lib, rose.lib is lib)"
    message = "tree red and tree rose are loaded as two environments, but would become one"
    assert _refresh_to(before, _grown(before, {"red+rose": ["red", "rose"]}), program) == f"{message}\nTrue False"


def test_a_loaded_world_that_would_be_two_is_refused(one: TreeWorld) -> None:
    after = _plugin(one, "rose", "1.0")
    start = json.dumps(_grown(after, {"red+rose": ["red", "rose"]}))
    program = f"""
MAP.write_text({start!r}); importshim.activate().deactivate(); importshim.activate(MAP)
import red, rose
print(red.lib is rose.lib, refused())
"""
    (after.root / "next.json").write_text(json.dumps(after.import_map()), "utf-8")
    message = "trees red, rose would no longer be one environment, but something of it is loaded"
    assert after.run(f"{_HEAD}\n{program}") == f"True {message}"


def test_what_is_loaded_and_would_now_be_shared_stays_where_it_is_for_the_new_tree_too(
    one: TreeWorld,
) -> None:
    common = {"common.py": "try: import lib\nexcept ImportError: lib = None\n"}
    before = TreeWorld(one.root, one.python)
    before = _plugin(before, "red", "1.0", **common)
    after = _plugin(_with(before), "blue", "2.0", **common).share("blue", "red", names="common")
    after.trees["blue"] = "2.0"
    program = """
import red
common = importshim.tree("red").import_module("common")
install()
import blue
print(importshim.tree("blue").import_module("common") is common, red.seen(), blue.seen())
"""
    assert _refresh_to(before, _sharing(after, "1.0"), program) == "True 1.0 2.0"


def _sharing(world: TreeWorld, version: str) -> dict[str, object]:
    """The map, in which what is shared has ``version``."""
    found = json.loads(json.dumps(world.import_map()))
    for domain in found["domains"]:
        if len(domain["trees"]) > 1:
            domain["distributions"] = [{**one, "version": version} for one in domain["distributions"]]
    return found  # type: ignore[no-any-return]


def test_a_third_world_that_shares_what_two_share_gets_the_one_that_is_loaded(one: TreeWorld) -> None:
    common = {"common.py": "v = 1\n"}
    before = TreeWorld(one.root, one.python)
    for name, version in (("red", "1.0"), ("blue", "2.0")):
        _plugin(before, name, version, **common)
    after = _plugin(_with(before), "green", "3.0", **common).share("blue", "red", "green", names="common")
    before.share("blue", "red", names="common")
    program = """
import red
common = importshim.tree("red").import_module("common")
install()
import green
print([importshim.tree(name).import_module("common") is common for name in ("red", "blue", "green")], green.seen())
"""
    assert _refresh_to(before, _sharing(after, "2.0"), program) == "[True, True, True] 3.0"


def test_loaded_code_that_would_find_another_module_is_refused(one: TreeWorld) -> None:
    """Here the application, whose import leads to another tree."""
    before = _plugin(one, "blue", "2.0").expose(lib="red")
    after = _with(before).expose(lib="blue")
    program = "import lib, red, blue\nprint(refused())\nimport lib as again\nprint(again is lib)"
    message = "the application would find lib of tree blue, but that of tree red is loaded"
    assert _refresh(before, after, program) == f"{message}\nTrue"


def test_an_alias_comes_with_a_refresh_and_one_that_is_loaded_keeps_its_meaning(one: TreeWorld) -> None:
    before = _plugin(one, "blue", "2.0").alias("old", "red", "lib")
    good = _with(before).alias("old", "red", "lib").alias("new", "blue", "lib")
    bad = _with(before).alias("old", "blue", "lib")
    (one.root / "bad.json").write_text(json.dumps(bad.import_map()), "utf-8")
    program = """
import old
install()
import new
print(old.v, new.v)
MAP.with_name("bad.json").replace(MAP.with_name("next.json"))
print(refused())
"""
    message = "the alias old would mean lib of blue"
    assert _refresh(before, good, program) == f"1.0 2.0\n{message}"


def test_a_name_that_the_application_may_import_from_now_on_is_the_module_that_is_loaded(one: TreeWorld) -> None:
    after = _with(one).expose(lib="red")
    program = """
import red
try: import lib
except ModuleNotFoundError: pass
install()
import lib, lib.core
print(lib is red.lib, lib.core is red.lib.core, red.seen())
"""
    assert _refresh(one, after, program) == "True True 1.0"


def test_what_the_host_has_loaded_in_the_meantime_stays_the_hosts(one: TreeWorld) -> None:
    one.file("fresh.py", "v = 'host'\n")
    after = _plugin(_with(one), "blue", "2.0", **{"fresh.py": "v = 'tree'\n"})
    program = """
import fresh
install()
import blue, fresh as again
print(again is fresh, again.v, importshim.tree("blue").import_module("fresh").v, importshim.tree("red").import_module("fresh").v)
"""
    assert _refresh(one, after, program) == "True host tree host"


def test_lines_for_the_start_of_new_trees_are_executed_and_those_of_old_ones_not_again(one: TreeWorld) -> None:
    line = "import sys; sys.lines = getattr(sys, 'lines', []) + ['{}']"
    one.startup["red"] = line.format("red")
    after = _plugin(_with(one), "blue", "2.0")
    after.startup.update(red=line.format("red"), blue=line.format("blue"))
    assert _refresh(one, after, "install()\nprint(sys.lines)") == "['red', 'blue']"


def test_code_in_new_trees_sees_what_is_set_on_builtins_and_finds_metadata(one: TreeWorld) -> None:
    after = _plugin(_with(one), "blue", "2.0", **{"uses.py": "def word(): return greeting\n"})
    program = """
import builtins, importlib.metadata, pickle, sysconfig
install()
import blue
builtins.greeting = "hello"
print(importshim.tree("blue").import_module("uses").word(), importlib.metadata.version("blue"))
print("posix_tree_blue" in sysconfig.get_scheme_names())
"""
    assert _refresh(one, after, program) == "hello 2.0\nTrue"


def test_threads_may_import_while_the_map_changes(one: TreeWorld) -> None:
    after = _plugin(_with(one), "blue", "2.0")
    program = """
import threading, red
stop, wrong = threading.Event(), []
def work():
    while not stop.is_set():
        if red.seen() != "1.0" or red.lib.core.Thing.__module__ != "lib.core": wrong.append(1)
threads = [threading.Thread(target=work) for _ in range(4)]
for one in threads: one.start()
install()
import blue
for _ in range(200): assert blue.seen() == "2.0"
stop.set()
for one in threads: one.join()
print(wrong)
"""
    assert _refresh(one, after, program) == "[]"


def test_deactivating_after_a_refresh_leaves_a_plain_process(one: TreeWorld) -> None:
    program = """
import red
handle = importshim.activate()
install()
import blue
handle.deactivate()
print([key for key in sys.modules if str(key).partition(".")[0] in ("red", "blue", "lib", "py_modules")])
try: handle.refresh()
except RuntimeError as error: print("activate()" in str(error))
"""
    assert _refresh(one, _plugin(_with(one), "blue", "2.0"), program) == "[]\nTrue"


_REGISTRY = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "NAME", NULL, -1, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_NAME(void) {
    PyObject *module = PyModule_Create(&definition);
    PyObject *all = PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyObject *key = PyUnicode_FromString("__pybind11_internals_of_this_test");
    PyObject *found = PyDict_GetItem(all, key);
    long count = found == NULL ? 1 : PyLong_AsLong(found) + 1;
    PyObject *value = PyLong_FromLong(count);
    PyDict_SetItem(all, key, value);
    Py_DECREF(value);
    Py_DECREF(key);
    PyModule_AddIntConstant(module, "count", count);
    return module;
}
"""


def test_registries_of_native_code_that_was_loaded_before_stay_its_worlds(one: TreeWorld) -> None:
    """Where all was one world they were the process's; from the refresh on, a new world has its own."""
    after = _plugin(_with(one), "blue", "2.0")
    for tree in ("red", "blue"):
        for name in ("first", "second"):
            extension_module(one.python, one.site(tree) / "lib", name, _REGISTRY.replace("NAME", name))
    program = """
import red
def count(tree, name): return importshim.tree(tree).import_module("lib." + name).count
print(count("red", "first"), end=" ")
install()
print(count("blue", "first"), count("red", "second"), count("blue", "second"))
"""
    assert _refresh(one, after, program) == "1 1 2 2"
