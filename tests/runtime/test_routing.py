"""The importing code decides what an import gives."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.trees import TreeWorld


def test_each_tree_sees_its_own_version(two: TreeWorld) -> None:
    assert two.run("import dep_a, dep_b; print(dep_a.seen(), dep_b.seen())") == "2.0 1.0"


def test_order_of_imports_does_not_matter(two: TreeWorld) -> None:
    assert two.run("import dep_b, dep_a; print(dep_a.seen(), dep_b.seen(), dep_a.seen())") == "2.0 1.0 2.0"


def test_a_sole_name_lives_in_sys_modules_as_in_a_plain_environment(two: TreeWorld) -> None:
    program = """
    import sys, dep_a
    name = next(name for name in sys.modules if name == "dep_a")
    print(type(name) is str, dep_a.__spec__.name, dep_a.__name__, dep_a.__package__)
    """
    assert two.run(program) == "True dep_a dep_a dep_a"


def test_libraries_see_plain_names_and_the_import_system_qualified_ones(two: TreeWorld) -> None:
    program = """
    import dep_a
    lib = dep_a.lib
    print(lib.__name__, type(lib.__name__) is str, lib.Thing.__module__, lib.__package__, lib.__spec__.name)
    print("py_modules.dep_a.lib" in repr(lib))
    """
    assert two.run(program) == "lib True lib.core lib py_modules.dep_a.lib\nTrue"


def test_sniffing_in_sys_modules_finds_the_sniffers_own(world: TreeWorld) -> None:
    sniff = "import sys\nimport lib\ndef sniff():\n    return 'lib' in sys.modules, sys.modules['lib'] is lib\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": f"v = {name!r}", f"sniff_{name}.py": sniff})
    world.expose(sniff_a="a", sniff_b="b")
    program = """
    import sys, sniff_a, sniff_b
    print(sniff_a.sniff(), sniff_b.sniff(), "lib" in sys.modules)
    """
    assert world.run(program) == "(True, True) (True, True) False"


def test_a_module_may_replace_itself_in_sys_modules(world: TreeWorld) -> None:
    swap = "import sys\nclass Lazy:\n    def __init__(self, v): self.v = v\nsys.modules[__name__] = Lazy({0!r})\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": swap.format(name), f"use_{name}.py": "import lib\nfrom lib import v\n"})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.v, use_b.v, use_a.lib.v, use_b.lib.v)") == "a b a b"


def test_a_package_that_replaces_itself_is_the_replacement_to_what_it_imports(world: TreeWorld) -> None:
    """As py does, by apipkg: the package's modules use it while it is being loaded."""
    swap = "import sys, types\nmod = types.ModuleType(__name__)\nvars(mod).update(__path__=__path__, __spec__=__spec__, v={0!r})\n"
    swap += "sys.modules[__name__] = mod\nfrom lib import part\n"
    part = "import lib\nfrom lib import v\ndef use(): return lib.v, v\n"
    for name in ("a", "b"):
        files = {"lib/__init__.py": swap.format(name), "lib/part.py": part}
        world.tree(name, {**files, f"use_{name}.py": "import lib.part\nuse = lib.part.use\n"})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.use(), use_b.use())") == "('a', 'a') ('b', 'b')"


def test_a_class_may_have_no_module_name(two: TreeWorld) -> None:
    """As types of nanobind do."""
    text = """
    class Meta(type):
        @property
        def __module__(cls): raise AttributeError("__module__")
    class Shy(metaclass=Meta): pass
    """
    for tree in ("dep_a", "dep_b"):
        two.tree(tree, {"lib/shy/__init__.py": text, f"{tree}/ask.py": "from lib.shy import Shy\n"})
    assert two.run("from dep_a.ask import Shy as a; from dep_b.ask import Shy as b; print(a is not b)") == "True"


@pytest.mark.parametrize("name", ["lib.gone", "lib.gone.deeper", "lib.part.gone"])
def test_a_module_that_a_tree_lacks_is_missed_by_its_plain_name(two: TreeWorld, name: str) -> None:
    """Libraries compare ``error.name`` to tell a missing module from one that fails to import something."""
    use = f"""
    import importlib
    def use():
        try: importlib.import_module({name!r})
        except ModuleNotFoundError as error: return error.name, str(error)
    """
    for tree in ("dep_a", "dep_b"):
        two.tree(tree, {f"{tree}/ask.py": use, "lib/part/__init__.py": ""})
    missed = ".".join(name.split(".")[: 3 if "part" in name else 2])
    output = two.run("import dep_a.ask, dep_b.ask; print(dep_a.ask.use(), dep_b.ask.use() == dep_a.ask.use())")
    assert output == f'({missed!r}, "No module named {missed!r}") True'


def test_names_of_a_from_list_that_are_no_modules_are_passed_over(two: TreeWorld) -> None:
    """As eventlet imports: ``__import__("dns.rdtypes", {}, {}, ["dns"])``."""
    for tree in ("dep_a", "dep_b"):
        two.tree(
            tree,
            {
                f"{tree}/ask.py": "def use(): return __import__('lib.late', {}, {}, ['lib']).__name__",
                "lib/late/__init__.py": "",
            },
        )
    assert two.run("import dep_a.ask, dep_b.ask; print(dep_a.ask.use(), dep_b.ask.use())") == "lib.late lib.late"


def test_a_module_that_fails_to_import_was_never_there(world: TreeWorld) -> None:
    broken = "import sys\nif not hasattr(sys, 'mended'): raise RuntimeError('broken')\n"
    world.tree("a", {"lib/__init__.py": broken, "use_a.py": "def use():\n    import lib\n    return 'loaded'\n"})
    world.tree("b", {"lib/__init__.py": ""}).expose(use_a="a")
    program = """
    import sys, use_a
    try: use_a.use()
    except RuntimeError: print([name for name in sys.modules if "lib" in name.split(".")])
    sys.mended = True
    print(use_a.use())
    """
    assert world.run(program) == "[]\nloaded"


def test_circular_imports_work_inside_a_tree(world: TreeWorld) -> None:
    for name in ("a", "b"):
        world.tree(
            name,
            {
                "lib/__init__.py": f"from . import one\nwho = {name!r}\n",
                "lib/one.py": "from . import two\nfrom lib.two import word\n",
                "lib/two.py": "import lib.one as first\nfrom . import one\nword = 'two'\n",
                f"use_{name}.py": "import lib.two, lib\n",
            },
        )
    world.expose(use_a="a", use_b="b")
    program = "import use_a, use_b; print(use_a.lib.who, use_b.lib.who, use_a.lib.one is not use_b.lib.one)"
    assert world.run(program) == "a b True"


def test_namespace_packages_are_each_trees_own(world: TreeWorld) -> None:
    for name in ("a", "b"):
        world.tree(
            name,
            {
                f"space/only_{name}/__init__.py": "",
                "space/both.py": f"who = {name!r}",
                f"use_{name}.py": f"import space.both\nfrom space import only_{name}\nimport space\n",
            },
        )
    world.expose(use_a="a", use_b="b")
    program = """
    import use_a, use_b
    print(use_a.space.both.who, use_b.space.both.who)
    print(hasattr(use_a.space, "only_b"), len(list(use_a.space.__path__)))
    """
    assert world.run(program) == "a b\nFalse 1"


def test_code_that_a_tree_executes_is_the_trees(world: TreeWorld) -> None:
    for name in ("a", "b"):
        run = "def run():\n    space = {}\n    exec('import lib; v = lib.v', space)\n    return space['v'], eval('__import__(\"lib\").v')\n"
        world.tree(name, {"lib.py": f"v = {name!r}", f"use_{name}.py": run})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.run(), use_b.run())") == "('a', 'a') ('b', 'b')"


def test_generators_and_callbacks_keep_their_tree(world: TreeWorld) -> None:
    late = "def numbers():\n    yield 1\n    import lib\n    yield lib.v\ndef key(_):\n    from lib import v\n    return v\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": f"v = {name!r}", f"use_{name}.py": late})
    world.expose(use_a="a", use_b="b")
    program = """
    import use_a, use_b
    steps = list(zip(use_a.numbers(), use_b.numbers()))
    print(steps[1], [*map(use_a.key, "x")], [*map(use_b.key, "x")])
    """
    assert world.run(program) == "('a', 'b') ['a'] ['b']"


def test_star_imports_load_the_submodules_of_all(world: TreeWorld) -> None:
    for name in ("a", "b"):
        files = {"lib/__init__.py": "__all__ = ['part']\n", "lib/part.py": f"v = {name!r}\n"}
        world.tree(name, {**files, f"use_{name}.py": "from lib import *\nv = part.v\n"})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.v, use_b.v)") == "a b"


def test_a_popped_module_is_imported_again(world: TreeWorld) -> None:
    again = "import sys\ndef again():\n    import lib\n    sys.modules.pop('lib')\n    import lib as second\n    return lib is second, second.v\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": f"v = {name!r}", f"use_{name}.py": again})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.again(), use_b.again())") == "(False, 'a') (False, 'b')"


def test_a_popped_package_is_imported_again_for_its_modules(world: TreeWorld) -> None:
    """As eventlet patches dns: it pops a package, and imports a module deep in it next."""
    deep = {"lib/__init__.py": "", "lib/sub/__init__.py": "", "lib/sub/deep.py": "", "lib/sub/other.py": ""}
    use = """
    import sys, importlib
    import lib.sub.deep
    def use():
        first = sys.modules.pop("lib")
        sub = sys.modules.pop("lib.sub")
        importlib.import_module("lib.sub.other")
        import lib
        return lib is not first, lib.sub is not sub, hasattr(lib.sub, "other"), hasattr(sub, "other"), hasattr(lib.sub, "deep")
    """
    for name in ("a", "b"):
        world.tree(name, {**deep, f"use_{name}.py": use})
    world.expose(use_a="a", use_b="b")
    expected = "(True, True, True, False, False)"
    assert world.run("import use_a, use_b; print(use_a.use(), use_b.use())") == f"{expected} {expected}"


def test_entries_that_a_library_adds_to_sys_modules_are_its_own(world: TreeWorld) -> None:
    add = "import sys, types\nmade = types.ModuleType('lib.made')\nmade.v = {0!r}\nsys.modules['lib.made'] = made\n"
    for name in ("a", "b"):
        world.tree(
            name, {"lib/__init__.py": add.format(name), f"use_{name}.py": "import lib\nfrom lib.made import v\n"}
        )
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.v, use_b.v)") == "a b"


def test_a_finder_that_a_library_installs_is_used_only_for_its_tree(world: TreeWorld) -> None:
    finder = """
    import sys
    from importlib.machinery import ModuleSpec
    class Finder:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return ModuleSpec(name, Finder) if name == __name__ + ".magic" else None
        @staticmethod
        def create_module(spec): return None
        @staticmethod
        def exec_module(module): module.v = WHO
    sys.meta_path.append(Finder)
    __path__ = []
    """
    for name in ("a", "b"):
        text = finder.replace("WHO", repr(name))
        world.tree(name, {"lib.py": text, f"use_{name}.py": "import lib.magic\nv = lib.magic.v\n"})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.v, use_b.v)") == "a b"


def test_what_is_set_on_builtins_reaches_every_tree(world: TreeWorld) -> None:
    world.tree("a", {"lib.py": "", "use_a.py": "def use():\n    return translate('x')\n"})
    text = "import builtins\nbuiltins.translate = str.upper\nbuiltins.__dict__['again'] = str.upper\n"
    world.tree("b", {"lib.py": "", "use_b.py": text}).expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.use(), again('y'))") == "X Y"


@pytest.mark.parametrize("way", ["builtins.__import__ = watching", "vars(builtins)['__import__'] = watching"])
def test_a_library_that_replaces_the_import_function_does_so_for_its_tree(world: TreeWorld, way: str) -> None:
    """As shiboken does: what it found is kept on builtins under a fixed name, and called from there."""
    library = """
    import builtins
    seen = []
    def watching(name, *args, **options):
        seen.append(name)
        return builtins.__original__(name, *args, **options)
    builtins.__original__ = builtins.__import__
    SET
    assert "__original__" in dir(builtins) and builtins.len is len
    """
    use = "import watch\ndef use():\n    import lib.late\n    return lib.late.v, watch.seen[-1]\n"
    for name in ("a", "b"):
        world.tree(
            name,
            {
                "watch.py": library.replace("SET", way),
                "lib/__init__.py": "",
                "lib/late.py": f"v = {name!r}\n",
                f"use_{name}.py": use,
            },
        )
    world.expose(use_a="a", use_b="b")
    program = """
    import use_a, use_b, json, builtins
    print(use_a.use(), use_b.use(), use_a.use(), builtins.__import__.__name__)
    """
    assert world.run(program) == "('a', 'lib.late') ('b', 'lib.late') ('a', 'lib.late') __import__"


def test_a_library_may_stand_in_for_a_module_of_the_standard_library(world: TreeWorld) -> None:
    """As setuptools does for distutils: a finder answers the top-level name with a package of the library's own."""
    library = """
    import importlib, importlib.util, sys
    class Loader:
        def create_module(self, spec):
            module = importlib.import_module("lib._sched")
            module.__name__ = "sched"
            return module
        def exec_module(self, module): pass
    class Finder:
        def find_spec(self, name, path=None, target=None):
            if path is not None or name != "sched": return None
            origin = importlib.import_module("lib._sched").__file__
            return importlib.util.spec_from_loader("sched", Loader(), origin=origin)
    for name in [name for name in sys.modules if name == "sched" or name.startswith("sched.")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Finder())
    sched = importlib.import_module("sched")
    """
    use = """
    import sys
    from sched import who
    import sched.part, lib._sched
    def use():
        import sched
        from sched.part import Base
        return who, sched.__name__, sched is lib._sched is sys.modules["sched"], Base is sched.part.Base, Base.who
    """
    for name in ("a", "b"):
        own = {"lib/_sched/__init__.py": f"who = {name!r}\n", "lib/_sched/part.py": f"class Base: who = {name!r}\n"}
        world.tree(name, {"lib/__init__.py": library, **own, f"use_{name}.py": "import lib\n" + textwrap.dedent(use)})
    world.tree("c", {"use_c.py": "def use():\n    import sched\n    return sched.scheduler.__name__\n"})
    world.expose(use_a="a", use_b="b", use_c="c")
    program = """
    import sched, use_a, use_b, use_c, importlib
    for use in (use_a, use_b): print(*use.use())
    print(use_c.use(), importlib.import_module("sched").scheduler.__name__)
    """
    expected = "a sched True True a\nb sched True True b\nscheduler scheduler"
    assert world.run(program) == expected
    assert world.run(program.replace("import sched, ", "import ")) == expected


def test_modules_that_a_library_makes_in_memory_are_its_own(world: TreeWorld) -> None:
    """As shiboken does: an archive in memory with a finder that is there for a moment, and code run from C."""
    library = """
    import sys, types
    from importlib.machinery import ModuleSpec
    TEXT = {"support": "from support.part import who", "support.part": "who = WHO"}
    class Finder:
        def find_spec(self, name, path, target=None):
            return ModuleSpec(name, self, is_package=name == "support") if name in TEXT else None
        def create_module(self, spec): return None
        def exec_module(self, module):
            exec(TEXT[module.__spec__.name], module.__dict__)
            sys.modules[module.__spec__.name] = module
    sys.modules.pop("support", None)
    finder = Finder()
    sys.meta_path.insert(0, finder)
    import support
    sys.meta_path.remove(finder)
    module = sys.modules.get("bootstrap") or types.ModuleType("bootstrap")
    sys.modules["bootstrap"] = module
    exec("def who(): return __builtins__['__import__']('support').who", module.__dict__)
    """
    use = "import lib, support, bootstrap\ndef use():\n    import support.part\n    return support.part.who, bootstrap.who()\n"
    for name in ("a", "b"):
        world.tree(name, {"lib.py": library.replace("WHO", repr(name)), f"use_{name}.py": use})
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.use(), use_b.use(), use_a.use())") == (
        "('a', 'a') ('b', 'b') ('a', 'a')"
    )


@pytest.mark.parametrize(
    ("enter", "there"),
    [
        ("", "mine"),
        ("sys.path.insert(0, 'inserted')\n", "inserted"),
        ("sys.path.append('inserted')\n", "mine"),
        ("del sys.path[0]\nsys.path.append('inserted')\n", "of a"),
    ],
)
def test_a_module_beside_the_script_comes_before_a_library(world: TreeWorld, enter: str, there: str) -> None:
    """As in any environment; the libraries themselves keep what they were made for."""
    world.tree("a", {"lib.py": "v = 'of a'", "user.py": "import lib\nv = lib.v", "data.py": "v = 'of a'"})
    world.expose(lib="a", user="a", data="a").file("lib.py", "v = 'mine'").file("data/rows.csv", "")
    world.file("inserted/lib.py", "v = 'inserted'")
    program = (
        f"import os, sys\nos.chdir({str(world.root)!r})\n{enter}import user, lib, data\nprint(lib.v, user.v, data.v)"
    )
    assert world.run(program) == f"{there} of a of a"


def test_a_library_that_puts_its_own_folder_first_stays_itself(world: TreeWorld) -> None:
    """opencv takes its package out of sys.modules, and imports the native module of the same name from its folder."""
    package = """
        import importlib, os, sys
        sys.path.insert(0, os.path.join(os.path.dirname(__file__), "native"))
        outer = sys.modules.pop("lib")
        inner = importlib.import_module("lib")
        sys.modules["lib"] = outer
        v = inner.v
        del sys.path[0]
    """
    world.tree("a", {"lib/__init__.py": package, "lib/native/lib.py": "v = 'native'"}).expose(lib="a")
    assert world.run("import lib; print(lib.v)") == "native"


def test_finders_of_the_application_come_first_for_libraries_too(world: TreeWorld) -> None:
    world.tree("a", {"lib.py": "import inner", "inner.py": "", "blocked.py": ""}).expose(lib="a", blocked="a")
    program = """
    import sys
    class Watching:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if not name.startswith("importshim."): print("asked", name)
            if name == "blocked": raise ImportError("no")
    sys.meta_path.insert(0, Watching)
    import lib
    try: import blocked
    except ImportError as error: print(error)
    """
    assert world.run(program).splitlines() == ["asked lib", "asked inner", "asked blocked", "no"]


def test_a_pickle_may_name_what_the_application_does_not_import(world: TreeWorld) -> None:
    made = "from inner.part import Thing\ndef make(): return Thing()\n"
    world.tree("a", {"lib.py": made, "inner/__init__.py": "", "inner/part.py": "class Thing: pass"})
    world.expose(lib="a")
    write = "import lib, pickle\nwith open('thing', 'wb') as file: pickle.dump(lib.make(), file)"
    read = "import pickle\nwith open('thing', 'rb') as file: print(type(pickle.load(file)))"
    enter = f"import os; os.chdir({str(world.root)!r})\n"
    world.run(enter + write)
    for reading in (read, read.replace("pickle.load", "pickle._load")):
        assert world.run(enter + reading) == "<class 'inner.part.Thing'>"
    ways = ("import inner.part", "import importlib; importlib.import_module('inner.part')", "__import__('inner.part')")
    for way in ways:
        assert "for the application" in world.start(way).stderr


def test_a_library_may_bundle_modules_and_reach_them_through_sys_path(world: TreeWorld) -> None:
    reach = "import os, sys\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'bundled'))\nimport inner.part\nfrom inner import v\n"
    for name in ("a", "b"):
        bundled = {"lib/bundled/inner/__init__.py": f"v = {name!r}\n", "lib/bundled/inner/part.py": "import lib\n"}
        world.tree(name, {"lib/__init__.py": reach, **bundled, f"use_{name}.py": "from lib import v, inner\n"})
    world.expose(use_a="a", use_b="b")
    program = """
    import use_a, use_b
    print(use_a.v, use_b.v, use_a.inner.__name__, use_a.inner is not use_b.inner)
    try: import inner
    except ModuleNotFoundError: print("not the application's")
    """
    assert world.run(program) == "a b inner True\nnot the application's"


def test_a_copy_of_sys_path_begins_like_the_list_for_the_code_that_makes_it(world: TreeWorld) -> None:
    look = "import sys\ndef first(): return sys.path.copy()[0] == list(sys.path)[0] == __file__.rpartition('/')[0]\n"
    world.tree("x", {"lib.py": look}).expose(lib="x")
    assert (
        world.run("import lib, sys; print(lib.first(), sys.path.copy() == list(sys.path) == sys.path[:])")
        == "True True"
    )


def test_lists_put_in_the_place_of_sys_path_are_watched_as_well(world: TreeWorld) -> None:
    use = "import sys\nsys.path = list(sys.path)\nsys.meta_path = list(sys.meta_path)\nimport lib\n"
    walk = (
        "import os, sys\nfound = [folder for folder in sys.path if os.path.exists(os.path.join(folder, 'mine.WHO'))]\n"
    )
    for name in ("a", "b"):
        files = {"lib.py": walk.replace("WHO", name), f"mine.{name}": "", f"use_{name}.py": use}
        world.tree(name, files)
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(len(use_a.lib.found), len(use_b.lib.found))") == "1 1"


def test_a_finder_put_first_does_not_take_modules_of_other_trees(world: TreeWorld) -> None:
    greedy = """
    import sys
    from importlib.machinery import ModuleSpec
    class Greedy:
        def find_spec(self, name, path=None, target=None):
            return ModuleSpec(name, self) if name.endswith("part") else None
        def create_module(self, spec): return None
        def exec_module(self, module):
            import lib
            module.v = "greedy " + lib.v
    sys.meta_path.insert(0, Greedy())
    """
    world.tree(
        "a",
        {
            "lib/__init__.py": "v = 'a'\n",
            "lib/part.py": "v = 'file'",
            "use_a.py": f"{greedy}\n    from lib.part import v\n",
        },
    )
    world.tree(
        "b", {"lib/__init__.py": "v = 'b'\n", "lib/part.py": "v = 'file'", "use_b.py": "from lib.part import v\n"}
    )
    world.expose(use_a="a", use_b="b").file("own_part.py", "v = 'file'")
    assert world.run("import use_a, use_b, own_part; print(use_a.v, use_b.v, own_part.v)") == "greedy a file greedy a"


def test_namespace_packages_may_reach_the_application_from_several_trees(world: TreeWorld) -> None:
    for name in ("a", "b"):
        world.tree(
            name,
            {
                f"space/deep/{name}/__init__.py": f"import space.deep.common\nwho = {name!r}",
                "space/deep/common.py": f"v = {name!r}",
            },
        )
    world.exposed.update({"space.deep.a": "a", "space.deep.b": "b"})
    program = """
    import space.deep.a, space.deep.b as b
    from space.deep import a
    from space.deep.b import who
    import sys, space
    print(space.deep.a.who, b.who, a.who, who, a is sys.modules["space.deep.a"], space.deep.b is b)
    try: import space.deep.common
    except ModuleNotFoundError: print("not exposed")
    """
    assert world.run(program) == "a b a b True True\nnot exposed"
    walk = (
        "import pkgutil, space.deep; print(list(space.deep.__path__), list(pkgutil.iter_modules(space.deep.__path__)))"
    )
    assert world.run(walk) == "[] []"


def test_programs_of_the_application_that_a_library_executes_are_the_applications(world: TreeWorld) -> None:
    runner = "import pathlib, types\nimport lib\ndef run(path, name):\n    module = types.ModuleType(name)\n    exec(compile(pathlib.Path(path).read_text(), path, 'exec'), module.__dict__)\n    return module\ndef generate():\n    space = {}\n    exec('import lib\\ndef f():\\n    return lib.v', space)\n    exec('import lib; space[lib.v] = lib.v')\n    return space['f']() + space['a']\n"
    world.tree("a", {"lib.py": "v = 'a'", "runner.py": runner}).tree("b", {"lib.py": "v = 'b'"})
    world.expose(runner="a", lib="b").file("script.py", "import lib\nv = lib.v")
    program = f"""
    import runner
    path = {str(world.root / "script.py")!r}
    print(runner.run(path, "__main__").v, runner.run(path, "test_script").v, runner.generate())
    """
    assert world.run("\n".join(line[4:] for line in program.splitlines())) == "b b aa"


def test_entry_points_of_start_files_are_called_in_their_tree_when_all_lines_of_pth_files_have_run(
    world: TreeWorld,
) -> None:
    for name in ("a", "b"):
        start = f"import lib, sys\nclass Start:\n    @staticmethod\n    def up(): lib.log.append('{name}' + str(sys.lined))\n"
        world.tree(name, {"lib.py": "log = []\n", f"use_{name}.py": "import lib\n", f"start_{name}/up.py": start})
        world.starts[name] = f"start_{name}.up:Start.up"
    world.startup["b"] = "import sys, lib; sys.lined = lib.log == []"
    program = "import use_a, use_b; print(use_a.lib.log, use_b.lib.log)"
    assert world.expose(use_a="a", use_b="b").run(program) == "['aTrue'] ['bTrue']"


@pytest.mark.parametrize("line", ["lib", "lib:", "lib: go", "lib.go()", "lib:go", "gone:go"])
def test_an_entry_point_that_fails_is_reported_and_python_starts(world: TreeWorld, line: str) -> None:
    world.tree("a", {"lib.py": "def go(): 1 / 0\n", "use_a.py": "import lib\n"}).expose(use_a="a").starts["a"] = line
    done = world.start("import use_a; print('started')")
    assert done.stdout == "started\n"
    assert done.stderr.startswith("importshim: a.start of tree a failed: ")
    assert len(done.stderr.splitlines()) == 1


def test_lines_of_pth_files_run_in_their_tree(world: TreeWorld) -> None:
    for name in ("a", "b"):
        world.tree(name, {"lib.py": "started = False\n", f"use_{name}.py": "import lib\n"})
        world.startup[name] = "import lib; lib.started = sitedir"
    world.expose(use_a="a", use_b="b")
    program = "import use_a, use_b; print(use_a.lib.started[-1], use_b.lib.started[-1])"
    assert world.run(program) == "a b"
