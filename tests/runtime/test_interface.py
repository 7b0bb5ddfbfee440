"""The public functions of importshim."""

from __future__ import annotations

import json

import pytest

from tests.support.trees import TreeWorld


def test_trees_are_packages_of_py_modules(two: TreeWorld) -> None:
    program = """
    from py_modules.dep_a import lib as new
    from py_modules.dep_b import lib as old
    import py_modules.dep_b.lib.late as late
    from py_modules.dep_a.lib.core import Thing
    import py_modules.dep_a.dep_a
    print(new.__version__, old.__version__, late.version, Thing is new.Thing, py_modules.dep_a.dep_a.seen())
    """
    assert two.run(program) == "2.0 1.0 1.0 True 2.0"


def test_a_tree_imports_by_name(two: TreeWorld) -> None:
    program = """
    import importshim
    print(importshim.tree("dep_a").import_module("lib").__version__, importshim.tree("dep_b").import_module("lib.late").version)
    try: importshim.tree("dep_c")
    except LookupError as error: print(error)
    """
    assert two.run(program) == "2.0 1.0\nthere is no tree 'dep_c'; there are: dep_a, dep_b"


def test_an_unknown_name_of_a_tree_is_an_import_error(two: TreeWorld) -> None:
    program = """
    for statement in ("from py_modules.dep_a import nothing", "import py_modules.dep_a.nothing", "import py_modules.dep_c"):
        try: exec(statement)
        except ImportError: print("ImportError")
    """
    assert two.run(program) == "ImportError\nImportError\nImportError"


def test_using_a_tree_gives_the_application_its_plain_names(two: TreeWorld) -> None:
    program = """
    import importshim
    def ask():
        import lib
        from lib.late import version
        return lib.__version__, version
    with importshim.using("dep_a"):
        print(ask())
        with importshim.using("dep_b"): print(ask())
        print(ask())
    try: ask()
    except ModuleNotFoundError: print("not outside")
    """
    assert two.run(program) == "('2.0', '2.0')\n('1.0', '1.0')\n('2.0', '2.0')\nnot outside"


def test_types_for_annotations_are_public(two: TreeWorld) -> None:
    program = """
    import importshim, dep_a
    print(sorted(importshim.__all__) == list(importshim.__all__), all(hasattr(importshim, name) for name in importshim.__all__))
    print(isinstance(importshim.whose(dep_a), importshim.Origin), isinstance(importshim.activate(), importshim.Handle))
    try: importshim.activate("nowhere/import_map.json")
    except importshim.MapError as error: print(isinstance(error, ImportError))
    try: importshim.unknown
    except AttributeError as error: print(error)
    """
    assert two.run(program) == "True True\nTrue True\nTrue\nmodule 'importshim' has no attribute 'unknown'"


def test_whose_returns_where_things_come_from(two: TreeWorld) -> None:
    program = """
    import importshim, dep_a, dep_b
    things = dep_a.lib, dep_a.lib.Thing, dep_b.lib.Thing(), dep_b.lib.Thing.me, dep_b, dep_b.seen
    for thing in things: print(*importshim.whose(thing))
    print(importshim.whose(1), importshim.whose(print), importshim.whose(lambda: 0))
    """
    assert two.run(program).splitlines() == [
        "dep_a lib 2.0",
        "dep_a lib 2.0",
        "dep_b lib 1.0",
        "dep_b lib 1.0",
        "dep_b dep_b 1.0",
        "dep_b dep_b 1.0",
        "None None None",
    ]


def test_the_application_imports_two_versions_under_names_of_its_own(two: TreeWorld) -> None:
    two.alias("lib_new", "dep_a", "lib").alias("lib_old", "dep_b", "lib")
    program = """
    import lib_new, lib_old, lib_old.late
    from lib_new import late, Thing
    from lib_old.core import Thing as Old
    import lib_new.core as core
    print(lib_new.__version__, lib_old.__version__, late.version, lib_old.late.version, Thing is Old, core.Thing is Thing)
    """
    assert two.run(program) == "2.0 1.0 2.0 1.0 False True"


def test_the_application_may_use_one_of_several_versions_by_its_plain_name(two: TreeWorld) -> None:
    two.expose(lib="dep_b")
    program = """
    import dep_a, lib, lib.late, sys
    from lib import core
    print(lib.__version__, lib.late.version, sys.modules["lib"] is lib, core is dep_a.lib.core, dep_a.seen())
    """
    assert two.run(program) == "1.0 1.0 True False 2.0"


def test_activating_twice_gives_the_same_handle_and_deactivating_restores(two: TreeWorld) -> None:
    program = """
    import builtins, importlib, importshim, sys, dep_a
    handle = importshim.activate()
    assert handle is importshim.activate()
    handle.deactivate()
    handle.deactivate()
    left = [name for name in sys.modules if name.split(".")[0] in ("lib", "dep_a", "py_modules")]
    print(left, type(builtins).__name__, importlib._bootstrap._find_and_load.__module__)
    print([finder for finder in sys.meta_path if "importshim" in repr(finder)])
    try: import dep_a
    except ModuleNotFoundError as error: print(error)
    """
    assert two.run(program) == "[] module _frozen_importlib\n[]\nNo module named 'dep_a'"


def test_a_missing_or_newer_map_says_what_to_do(two: TreeWorld) -> None:
    program = """
    import importshim, json, pathlib
    importshim.activate().deactivate()
    newer = pathlib.Path("newer.json")
    newer.write_text(json.dumps({"version": 99}))
    for path in ("nowhere.json", "newer.json", importshim.__file__):
        try: importshim.activate(path)
        except ImportError as error: print("mvlock install" in str(error))
    """
    assert two.run(f"import os; os.chdir({str(two.root)!r})\n" + program.replace("\n    ", "\n")) == "True\nTrue\nTrue"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "is missing; run `mvlock install`"),
        ("", "cannot be read (Expecting value: line 1 column 1 (char 0)); run `mvlock install` to write it again"),
        (
            '{"version',
            "cannot be read (Unterminated string starting at: line 1 column 2 (char 1)); run `mvlock install` to write it again",
        ),
        (
            "[]",
            "cannot be read (list indices must be integers or slices, not str); run `mvlock install` to write it again",
        ),
        ('{"version": 99}', "has version 99, this importshim reads 3; run `mvlock install`"),
        ('{"version": 3}', "is damaged (KeyError('domains')); run `mvlock install` to write it again"),
        (
            '{"version": 3, "contested": [], "sole": {}, "trees": {}, "domains": [], "root": {"x": "y"}, "aliases": {}}',
            "is damaged (KeyError('y')); run `mvlock install` to write it again",
        ),
    ],
)
def test_python_starts_without_a_map_and_says_so_in_one_line(two: TreeWorld, text: str | None, message: str) -> None:
    path = two.root / "broken.json"
    if text is not None:
        path.write_text(text)
    program = f"""
    import importshim
    importshim.activate().deactivate()
    importshim.MAP_PATH = {str(path)!r}
    importshim.start(), importshim.start()
    try: importshim.activate()
    except ImportError as error: print(type(error).__name__)
    """
    done = two.start(program)
    assert done.stdout == "MapError\n"
    assert [line for line in done.stderr.splitlines() if "importshim" in line] == [f"importshim: {path} {message}"]


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"routes": {"dep_b": "dep_b", ', '"routes": {"dep_b": "dep_b ', "JSONDecodeError"),
        ('"routes": {"dep_b": "dep_b", ', '"routes": {"dep_b": "gone", ', "KeyError('gone')"),
        ('"routes": {"dep_b": "dep_b", ', '"root": {"dep_b": "dep_b", ', "KeyError('routes')"),
    ],
)
def test_a_domain_that_is_damaged_in_the_map_is_an_error_when_something_is_imported_from_it(
    two: TreeWorld, old: str, new: str, error: str
) -> None:
    """What only its imports need is not read before, and what they lack is not missing without a word."""
    path = two.write_map()
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    program = f"""
    import importshim
    importshim.activate({str(path)!r})
    import dep_a
    print(dep_a.seen())
    for attempt in (1, 2):
        try:
            try: import dep_b
            except Exception: print("taken for a missing module")
        except BaseException as found: print(type(found).__name__, found)
    """
    first, *errors = two.start_inactive(program).stdout.splitlines()
    assert (first, len(errors)) == ("2.0", 2)
    for line in errors:
        assert line.startswith(f"DamagedMapError {path} is damaged ({error}")
        assert line.endswith("run `mvlock install` to write it again")


def test_trees_that_are_damaged_in_the_map_are_an_error_when_one_is_asked_for(two: TreeWorld) -> None:
    path = two.write_map()
    path.write_text(path.read_text("utf-8").replace('"site": "', '"cite": "'), "utf-8")
    program = f"""
    import importshim
    importshim.activate({str(path)!r})
    for attempt in (1, 2):
        try: importshim.tree("dep_a")
        except BaseException as found: print(type(found).__name__, found)
    """
    line = f"DamagedMapError {path} is damaged (KeyError('site')); run `mvlock install` to write it again"
    assert two.start_inactive(program).stdout.splitlines() == [line] * 2


def test_a_map_that_is_damaged_when_it_is_read_again_is_an_import_error(two: TreeWorld) -> None:
    path = two.write_map()
    program = f"""
    import importshim, pathlib
    handle = importshim.activate({str(path)!r})
    import dep_a
    path = pathlib.Path({str(path)!r})
    path.write_text(path.read_text("utf-8").replace('"imports": ', '"exports": '), "utf-8")
    try: handle.refresh()
    except ImportError as found: print(type(found).__name__, found)
    print(dep_a.seen())
    """
    line, seen = two.start_inactive(program).stdout.splitlines()
    assert line.startswith(f"MapError {path} is damaged (KeyError('imports')")
    assert seen == "2.0"


def test_what_the_start_has_made_is_not_collected_except_in_interpreters_that_end_before_the_process(
    two: TreeWorld,
) -> None:
    start = f"""
import gc, sys
sys.path.append({str(two.importshim_folder())!r})
import importshim
importshim.MAP_PATH = {str(two.write_map())!r}
importshim.start()
print(gc.get_freeze_count() > 0, gc.isenabled(), flush=True)
"""
    program = f"""
    try: import _xxsubinterpreters as interpreters
    except ImportError: import _interpreters as interpreters
    exec({start!r})
    there = interpreters.create()
    interpreters.run_string(there, {start!r})
    """
    done = two.start_inactive(program)
    assert done.stdout.splitlines() == ["True True", "False True"], done.stderr


def test_a_map_in_another_layout_or_cut_off_is_read_as_json(two: TreeWorld) -> None:
    path = two.write_map()
    text = path.read_text("utf-8")
    program = f"""
    import importshim
    try: importshim.activate({str(path)!r})
    except ImportError as found: print(type(found).__name__)
    else:
        import dep_a, dep_b
        print(dep_a.seen(), dep_b.seen())
    """
    found = []
    for layout in (json.dumps(json.loads(text)), json.dumps(json.loads(text), indent=1), *map(text.__getitem__, _CUTS)):
        path.write_text(layout, "utf-8")
        found.append(two.start_inactive(program).stdout)
    assert found == ["2.0 1.0\n"] * 2 + ["MapError\n"] * len(_CUTS)


_CUTS = [slice(0, -2), slice(0, -40), slice(0, 700), slice(40, None)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("del bootstrap._gcd_import", "has no attribute '_gcd_import'"),
        ("pickle._Pickler = Closed", "immutable type 'Closed'"),
    ],
)
def test_a_python_that_importshim_does_not_know_starts_and_says_what_to_do(
    world: TreeWorld, change: str, message: str
) -> None:
    """Whatever it is that is not there: what was done until then is undone, and a line is all that is said."""
    program = f"""
    import importlib._bootstrap as bootstrap, pickle, sys
    class Type(type):
        def __setattr__(self, name, value): raise TypeError("cannot set " + name + " of immutable type 'Closed'")
    class Closed(metaclass=Type): pass
    found, gcd_import = bootstrap._find_and_load, bootstrap._gcd_import
    {change}
    import importshim
    importshim.MAP_PATH = {str(world.root / "import_map.json")!r}
    importshim.start()
    bootstrap._gcd_import = gcd_import
    import uuid
    print(uuid.__name__, bootstrap._find_and_load is found, type(sys.path).__name__)
    """
    world.tree("a", {"lib.py": ""}).tree("b", {"lib.py": ""})
    (world.root / "import_map.json").write_text(json.dumps(world.import_map()), "utf-8")
    done = world.start_inactive(program)
    assert done.stdout == "uuid True list\n"
    (line,) = done.stderr.splitlines()
    assert line.startswith("importshim: cannot start on Python ")
    assert message in line
    assert line.endswith("or `mvlock install --python` with another Python")


def test_a_python_without_the_gil_starts_and_says_what_to_do(two: TreeWorld) -> None:
    program = """
    import sys
    sys._is_gil_enabled = lambda: False
    import importshim
    importshim.start()
    try: importshim.activate()
    except ImportError as error: print(type(error).__name__)
    import uuid
    print(uuid.__name__, type(sys.path).__name__)
    """
    done = two.start_inactive(program)
    assert done.stdout == "InterpreterError\nuuid list\n"
    assert done.stderr == (
        "importshim: cannot work without the GIL; run `mvlock install --python` with a Python that is not free-threaded\n"
    )


def test_a_json_scanner_that_needs_more_settings_is_not_used(two: TreeWorld) -> None:
    program = """
    import _json, importshim, json
    importshim.activate().deactivate()
    def make_scanner(settings): return settings.hook_of_tomorrow
    _json.make_scanner = make_scanner
    importshim.activate(MAP)
    import dep_a
    print(dep_a.seen())
    """
    assert two.run(program.replace("MAP", repr(str(two.root / "import_map.json")))) == "2.0"


def test_a_module_in_a_package_that_only_one_tree_has_can_be_imported_first(world: TreeWorld) -> None:
    """The package is loaded for the code that may import it, and the application still cannot."""
    part = "import inner.other, threading\ndef ask():\n    import inner\n    return inner.__name__\n"
    world.tree("a", {"inner/__init__.py": "", "inner/deep/__init__.py": "", "inner/deep/part.py": part})
    world.tree("a", {"inner/other.py": "import mine\n"}).tree("b", {"unrelated.py": ""})
    world.file("mine.py", "try: import inner\nexcept ModuleNotFoundError: print('not while it is loaded')\n")
    program = """
    import importshim, threading
    def ask():
        try: import inner
        except ModuleNotFoundError as error: print(error.name, "for the application" in str(error))
    WAY
    print(part.ask())
    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    """
    for way in (
        "part = importshim.tree('a').import_module('inner.deep.part')",
        "import py_modules.a.inner.deep.part as part",
        "from py_modules.a.inner.deep import part",
    ):
        printed = world.run(program.replace("WAY", way)).splitlines()
        assert printed == ["not while it is loaded", "inner", "inner True", "inner True"]


@pytest.mark.parametrize("others", [(), ("b",)])
def test_an_alias_may_be_in_a_namespace_package(world: TreeWorld, others: tuple[str, ...]) -> None:
    files = {"space/lib/__init__.py": "", "space/lib/part.py": "v = 'a'\n", "space/lib/other.py": "v = 'other'\n"}
    for tree in ("a", *others):
        world.tree(tree, files)
    world.alias("proto", "a", "space.lib")
    for statement in ("import proto\nfrom proto import part", "from proto import part", "import proto.part as part"):
        printed = world.run(f"{statement}\nimport proto.other\nprint(part.v, proto.other.v, proto.__name__)")
        assert printed == "a other space.lib"


def test_none_in_sys_modules_keeps_a_name_from_being_imported(two: TreeWorld) -> None:
    two.alias("lib_old", "dep_b", "lib").alias("sole", "dep_a", "dep_a").expose(lib="dep_b")
    program = """
    import importlib, sys
    from unittest import mock
    names = "lib_old", "lib_old.late", "sole", "lib", "lib.late", "dep_a", "py_modules.dep_a.lib", "py_modules.dep_b.dep_b"
    def blocked(name):
        with mock.patch.dict(sys.modules, {name: None}):
            for import_ in (importlib.import_module, __import__):
                try: return import_(name)
                except ModuleNotFoundError as error: assert str(error) == f"import of {name} halted; None in sys.modules", error
    assert not any(map(blocked, names)), [*map(blocked, names)]
    for name in names: importlib.import_module(name)
    assert not any(map(blocked, names)), [*map(blocked, names)]
    for name in names: importlib.import_module(name)
    """
    assert two.run(program) == ""


def test_a_module_of_the_application_first_imported_while_using_a_tree_is_the_applications(two: TreeWorld) -> None:
    two.expose(lib="dep_b").file("late.py", "import lib\nfrom parts.inner import lib as inner\n")
    two.file("parts/__init__.py", "").file("parts/inner.py", "import lib\n").file("missing.py", "import nothing\n")
    program = """
    import importshim
    with importshim.using("dep_a"):
        import late
        try: import missing
        except ModuleNotFoundError: pass
        import lib
        print(late.lib.__version__, late.inner.__version__, lib.__version__)
    """
    assert two.run(program) == "1.0 1.0 2.0"


def test_trees_are_attributes_of_py_modules(two: TreeWorld) -> None:
    program = """
    import py_modules
    print(py_modules.dep_b.lib.__version__, dir(py_modules)[-2:], hasattr(py_modules, "dep_c"), hasattr(py_modules, "lib"))
    """
    assert two.run(program) == "1.0 ['dep_a', 'dep_b'] False False"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("__import__('py_modules.dep_c')", "ModuleNotFoundError: No module named 'py_modules.dep_c'; there is no tree 'dep_c'; there are: dep_a, dep_b"),
        ("__import__('py_modules.dep_c.x')", "ModuleNotFoundError: No module named 'py_modules.dep_c'; there is no tree 'dep_c'; there are: dep_a, dep_b"),
        ("importshim.using('dep_c')", "LookupError: there is no tree 'dep_c'; there are: dep_a, dep_b"),
        ("importshim.tree(None)", "LookupError: there is no tree None; there are: dep_a, dep_b"),
        ("importshim.tree('dep_a').import_module(3)", "TypeError: a module name must be a str, not int"),
        ("importshim.tree('dep_a').import_module('.lib')", "ValueError: '.lib' is not an absolute module name; write it in full: 'package.module'"),
        ("importshim.tree('dep_a').import_module('')", "ValueError: '' is not an absolute module name; write it in full: 'package.module'"),
        ("importshim.explain(None)", "TypeError: explain() needs an exception, not NoneType"),
        ("importshim.explain(ValueError)", "TypeError: explain() needs an exception, not type"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_an_error(two: TreeWorld, expression: str, expected: str) -> None:
    program = f"""
    import importshim
    try: {expression}
    except Exception as error: print(f"{{type(error).__name__}}: {{error}}")
    """
    assert two.run(program) == expected


def test_using_may_be_entered_again(two: TreeWorld) -> None:
    program = """
    import asyncio, contextvars, importshim
    a, b = importshim.using("dep_a"), importshim.using("dep_b")
    def ask():
        import lib
        return lib.__version__
    @a
    def decorated(): return ask()
    with a:
        with b:
            with a: print(ask(), contextvars.copy_context().run(b(ask)), decorated())
            print(ask())
        print(ask())
    async def task(how):
        with how:
            await asyncio.sleep(0)
            return ask()
    async def tasks(): return await asyncio.gather(task(a), task(b), task(a))
    print(decorated(), asyncio.run(tasks()))
    try: ask()
    except ModuleNotFoundError: print("not outside")
    a.__enter__()
    for leave in (lambda: contextvars.Context().run(a.__exit__), b.__exit__):
        try: leave()
        except RuntimeError as error: print(error)
    """
    refused = "was not entered in this context, or one entered inside it has not been left"
    assert two.run(program).splitlines() == [
        "2.0 1.0 2.0",
        "1.0",
        "2.0",
        "2.0 ['2.0', '1.0', '2.0']",
        "not outside",
        f"<importshim using tree dep_a> {refused}",
        f"<importshim using tree dep_b> {refused}",
    ]


_EXPLAINED = {
    "the application's": ("dep_a", None, "dep_a 2.0 of tree dep_a (rule 1: its direct dependency)"),
    "a tree's own": ("lib.late", "dep_b", "lib 1.0 of tree dep_b (rule 1: its environment has it)"),
    "a peer": ("other", "dep_a", "other 3.1 of tree c (rule 2: a direct dependency of the application)"),
    "an alias": ("lib_old.late", None, "lib 1.0 of tree dep_b (rule 1: its alias for lib.late)"),
    "the library's": (
        "json",
        "dep_a",
        "the application's own module, or the standard library's (rule 5: the standard library)",
    ),
    "others'": ("lib", None, "nothing (rule 6: tree dep_a has it (lib 2.0), tree dep_b has it (lib 1.0))"),
    "nobody's": ("nowhere", "dep_a", "nothing (rule 6: nothing provides it)"),
    "a missing part": ("lib.gone.deep", "dep_a", "nothing (rule 6: lib 2.0 of tree dep_a has no such module)"),
}


@pytest.mark.parametrize(("name", "tree", "what"), _EXPLAINED.values(), ids=_EXPLAINED)
def test_explain_import_explains_an_import_without_importing(
    two: TreeWorld, name: str, tree: str | None, what: str
) -> None:
    two.tree("c", {"other.py": ""}, version="3.1").expose(other="c").add_peers("dep_a", other="c")
    two.alias("lib_old", "dep_b", "lib")
    program = f"import importshim, sys\nprint(importshim.explain_import({name!r}, tree={tree!r}), 'lib' in sys.modules)"
    assert two.run(program) == f"{name} for {f'tree {tree}' if tree else 'the application'}: {what} False"


def test_an_explanation_has_parts(two: TreeWorld) -> None:
    program = """
    import importshim
    found = importshim.explain_import("lib", tree="dep_b")
    print(found.asker, found.name, found.origin, found.rule, found.reason)
    print(importshim.explain_import("lib").origin)
    try: importshim.explain_import("lib", tree="dep_c")
    except LookupError as error: print(error)
    """
    assert two.run(program).splitlines() == [
        "tree dep_b lib Origin(tree='dep_b', distribution='lib', version='1.0') 1 its environment has it",
        "None",
        "there is no tree 'dep_c'; there are: dep_a, dep_b",
    ]


_TRACED = """
import dep_a, dep_b
dep_a.seen(), dep_a.seen()
try: import lib
except ModuleNotFoundError: pass
"""


@pytest.mark.parametrize("place", ["1", "trace.txt"])
def test_a_trace_has_each_decision_once(two: TreeWorld, place: str) -> None:
    path = place if place == "1" else str(two.root / place)
    output = two.start(_TRACED, IMPORTSHIM_TRACE=path).stderr
    if place != "1":
        assert "importshim:" not in output
        output = (two.root / place).read_text("utf-8")
    lines = [line for line in output.splitlines() if "dep_" in line]
    assert lines[:3] == [
        "importshim: dep_a for the application: dep_a 2.0 of tree dep_a (rule 1: its direct dependency)",
        "importshim: lib for tree dep_a: lib 2.0 of tree dep_a (rule 1: its environment has it)",
        "importshim: lib.core for tree dep_a: lib 2.0 of tree dep_a (rule 1: its environment has it)",
    ]
    assert len(lines) == len(set(lines))
    assert lines[-1] == (
        "importshim: lib for the application: nothing "
        "(rule 6: tree dep_a has it (lib 2.0), tree dep_b has it (lib 1.0))"
    )


def test_a_trace_has_callers_of_shared_code_and_what_a_tree_has_registered(world: TreeWorld) -> None:
    made = "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'in'))\nimport inner\n"
    for name in "ab":
        use = "import tools\ntools.find()\n"
        tools = "import importlib\ndef find(): importlib.import_module('own')\n"
        files = {"own/__init__.py": made, "own/in/inner.py": "", f"use_{name}.py": use, "tools.py": tools}
        world.tree(name, files)
    world.share("a", "b", names="tools").expose(use_a="a", use_b="b")
    output = world.start("import use_a, use_b", IMPORTSHIM_TRACE="1").stderr
    assert "own for trees a, b: own 1.0 of tree a (rule 3: called by code of tree a)" in output
    assert "own for trees a, b: own 1.0 of tree b (rule 3: called by code of tree b)" in output
    assert "inner for tree b: inner of tree b (rule 4: its code registered it)" in output
