"""Processes that a tree's code starts run as that tree, those of the application as the application."""

from __future__ import annotations

import sys

import pytest

from tests.support.trees import TreeWorld

_START = """
import subprocess, sys
def start():
    return subprocess.check_output([sys.executable, "-c", "import lib; print(lib.v)"], text=True).strip()
"""

_POOL = """
import multiprocessing
def work(n):
    import lib
    return lib.v * n
def start(method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        return pool.map(work, [1, 2])
"""


@pytest.fixture
def activated(world: TreeWorld) -> TreeWorld:
    """A world whose child processes route imports too, as app/bin/python does."""
    (world.root / "sitecustomize.py").write_text(
        f"import sys; sys.path.insert(0, {str(TreeWorld.importshim_folder())!r})\n"
        f"import importshim; del sys.path[0]; importshim.activate({str(world.root / 'import_map.json')!r})\n"
    )
    return world


@pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows")
def test_a_child_of_a_tree_imports_what_the_tree_does(activated: TreeWorld) -> None:
    for name in ("a", "b"):
        activated.tree(name, {"lib.py": f"v = {name!r}", f"use_{name}.py": _START})
    activated.expose(use_a="a", use_b="b")
    program = f"""
    import os, subprocess, sys
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    import use_a, use_b
    print(use_a.start(), use_b.start())
    ask = "try: import lib\\nexcept ImportError: print('not the application')"
    print(subprocess.check_output([sys.executable, "-c", ask], text=True).strip())
    """
    assert activated.run(program) == "a b\nnot the application"


_RESTART = """
import os, subprocess, sys
def run(*arguments):
    return subprocess.check_output([sys.executable, *arguments], text=True).strip()
def turn_into(*arguments):
    os.execv(sys.executable, [sys.executable, *arguments])
"""
_WHO = "import lib, os\nprint(lib.v, os.environ.get('IMPORTSHIM_TREE'))\n"


@pytest.fixture
def restarting(activated: TreeWorld) -> TreeWorld:
    """The application has lib of tree a; the tree restarter, with another lib, starts programs."""
    activated.tree("a", {"lib.py": "v = 'of the application'"})
    files = {"lib.py": "v = 'of the restarter'", "restarter.py": _RESTART, "tool.py": _WHO, "worker.py": _WHO}
    files |= {"deep/__init__.py": "", "deep/worker.py": _WHO}
    activated.tree("restarter", files).expose(lib="a", restarter="restarter")
    server = {
        "lib.py": "v = 'of the server'",
        "server.py": _WHO,
        "service/__init__.py": "",
        "service/__main__.py": _WHO,
    }
    activated.tree("server", server)
    return activated.file("who.py", _WHO).file("package/__main__.py", _WHO)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["who.py"], "of the application None"),
        (["-u", "-Wdefault", "-X", "dev", "./who.py", "-c"], "of the application None"),
        (["package"], "of the application None"),
        (["-m", "package"], "of the application None"),
        (["-um", "who"], "of the application None"),
        (["-m", "tool"], "of the restarter restarter"),
        (["-m", "server"], "of the server server"),
        (["-m", "service"], "of the server server"),
        (["py_modules/restarter/worker.py"], "of the restarter None"),
        (["py_modules/restarter/deep/worker.py"], "of the restarter None"),
        (["-c", _WHO], "of the application None"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONPATH is how children activate importshim here")
def test_a_program_runs_as_its_owner_whichever_code_starts_it(
    restarting: TreeWorld, arguments: list[str], expected: str
) -> None:
    start = f"import os\nos.environ['PYTHONPATH'] = {str(restarting.root)!r}\nos.chdir({str(restarting.root)!r})\n"
    assert restarting.run(f"{start}import restarter; print(restarter.run(*{arguments!r}))") == expected
    assert restarting.run(f"{start}import restarter; restarter.turn_into(*{arguments!r})") == expected


_RUNNER = """
import subprocess, sys, middle
OWN = "import lib; print(lib.v)"
def own(): return run(OWN)
def given(code=OWN): return run(code)
def run(code): return middle.run([sys.executable, "-c", code])
"""
_MIDDLE = "import subprocess\ndef run(words): return subprocess.check_output(words, text=True).strip()\n"


@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONPATH is how children activate importshim here")
def test_code_on_the_command_line_belongs_to_the_outermost_caller_that_has_it(activated: TreeWorld) -> None:
    """Command runners start what their callers pass to them, whichever tree the runner is from."""
    activated.tree("a", {"lib.py": "v = 'application'"}).expose(lib="a", runner="runner", between="between")
    activated.tree("runner", {"lib.py": "v = 'runner'", "runner.py": _RUNNER, "middle.py": _MIDDLE})
    activated.tree(
        "between", {"lib.py": "v = 'between'", "between.py": "def run(f): return f('import lib ; print(lib.v)')\n"}
    )
    program = f"""
    import os, runner, between
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    def variable():
        code = " ".join(["import lib;", "print(lib.v)"])
        return runner.run(code)
    words = ["import lib;print(lib.v)"]
    print(runner.own(), runner.given(), variable(), runner.run("import lib; print( lib.v)"), runner.run(*words))
    print(between.run(runner.run))
    """
    assert activated.run(program) == "runner runner application application application\nbetween"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows")
def test_a_pool_of_a_tree_works_in_its_workers(activated: TreeWorld, method: str) -> None:
    for name in ("a", "b"):
        activated.tree(name, {"lib.py": f"v = {name!r}", f"pool_{name}.py": _POOL, "pool.py": _POOL})
    activated.expose(pool_a="a", pool_b="b")
    program = f"""
    import os
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    from py_modules.a import pool as pool_of_a
    from py_modules.b import pool as pool_of_b
    if __name__ == "__main__":
        print(pool_of_a.start({method!r}), pool_of_b.start({method!r}))
    """
    assert activated.run(program) == "['a', 'aa'] ['b', 'bb']"


@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONPATH is how interpreters activate importshim here")
def test_interpreters_of_one_process_use_the_versions_of_the_importing_code(activated: TreeWorld) -> None:
    thing = "class Thing:\n    v = {0!r}\n"
    work = "import lib\ndef visit(thing): return type(thing) is lib.Thing, thing, lib.Thing.v\n"
    for name in ("a", "b"):
        activated.tree(name, {"lib.py": thing.format(name), "work.py": work, f"work_{name}.py": "from work import *"})
    activated.expose(work_a="a", work_b="b").alias("old", "a", "lib").alias("new", "b", "lib")
    program = """
    import new, old, work_a, work_b
    def both():
        import new, old
        return old.Thing.v + new.Thing.v
    if __name__ == "__main__":
        try: from concurrent.futures import InterpreterPoolExecutor
        except ImportError: print("none"); raise SystemExit
        with InterpreterPoolExecutor(2) as pool:
            print(pool.submit(both).result())
            for visit, lib in ((work_a.visit, old), (work_b.visit, new)):
                is_own, back, v = pool.submit(visit, lib.Thing()).result()
                print(is_own, type(back) is lib.Thing, v)
    """
    activated.write_map()
    done = activated.start(program, PYTHONPATH=str(activated.root))
    assert done.stdout in ("ab\nTrue True a\nTrue True b\n", "none\n"), done.stderr


_WORK = """
import importshim
def visit(thing):
    return thing, type(thing).__module__, importshim.whose(thing).tree, thing.value
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="PYTHONPATH is how workers activate importshim here")
def test_objects_of_trees_go_to_workers_of_the_application_and_come_back(activated: TreeWorld, method: str) -> None:
    """Of a name that two trees have, of one that a single tree has under an alias, and of what trees share."""
    thing = "class Outer:\n    class Thing:\n        def __init__(self, value): self.value = value\ndef make(n): return Outer.Thing(n)\n"
    for name in ("a", "b"):
        activated.tree(name, {"lib/__init__.py": "", "lib/part.py": thing, "base.py": thing})
    activated.tree("a", {"space/only/__init__.py": thing})
    activated.share("a", "b", names="base").alias("old", "a", "lib").alias("new", "b", "lib")
    activated.alias("proto", "a", "space.only").file("work.py", _WORK)
    program = f"""
    import os
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    import multiprocessing, concurrent.futures, work
    import old.part, new.part, proto
    from py_modules.a import base
    if __name__ == "__main__":
        sent = [old.part.make(1), new.part.make(2), proto.make(3), base.make(4)]
        context = multiprocessing.get_context({method!r})
        with context.Pool(1) as pool:
            back = pool.map(work.visit, sent)
            print([thing.value for thing in pool.map(new.part.make, [5])])
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            again = list(pool.map(work.visit, sent))
        for results in (back, again):
            print(*[result[1:] for result in results])
            print([type(result[0]) is type(thing) for result, thing in zip(results, sent)])
    """
    places = "('lib.part', 'a', 1) ('lib.part', 'b', 2) ('space.only', 'a', 3) ('base', 'a', 4)"
    assert activated.run(program).splitlines() == ["[5]", *[places, "[True, True, True, True]"] * 2]


def test_what_has_no_place_in_a_module_is_pickled_as_ever(two: TreeWorld) -> None:
    program = """
    import importshim, multiprocessing.reduction as reduction, pickle
    from py_modules.dep_a import lib
    def local():
        class Inner(lib.Thing): pass
        Inner.__module__ = lib.Thing.__module__
        return Inner
    try: reduction.ForkingPickler.dumps(local())
    except Exception as error: print("Inner" in str(error))
    importshim.activate().deactivate()
    print(hasattr(pickle.Pickler, "reducer_override"), hasattr(pickle._Pickler, "reducer_override"))
    """
    assert two.run(program) == "True\nFalse False"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.skipif(sys.platform == "win32", reason="children speak for the application on Windows")
def test_code_of_the_application_finds_in_workers_of_a_tree_what_it_finds_elsewhere(
    activated: TreeWorld, method: str
) -> None:
    """Which is not what only the tree may import; whether or not the worker has run the program again."""
    pool = "import lib, multiprocessing\ndef ask(method, function):\n    with multiprocessing.get_context(method).Pool(1) as pool: return pool.apply(function)\n"
    activated.tree("a", {"lib.py": "v = 'of the tree'", "pool.py": pool}).expose(pool="a")
    activated.tree("b", {"lib.py": ""})
    activated.file("work.py", "def work():\n    try: import lib\n    except ImportError: return 'refused'\n")
    activated.file("program.py", "")
    program = f"""
    import os, sys
    os.environ["PYTHONPATH"] = {str(activated.root)!r}
    import pool, work
    for file in (None, "program.py"):
        sys.modules["__main__"].__file__ = file and os.path.join({str(activated.root)!r}, file)
        print(work.work(), pool.ask({method!r}, work.work))
    """
    assert activated.run(program) == "refused refused\nrefused refused"
