"""Many threads, all trees at once: no wrong version, no error, no deadlock."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld


def test_lazy_imports_of_two_trees_in_many_threads(world: TreeWorld) -> None:
    lazy = "import importlib\ndef use(n):\n    m = importlib.import_module(f'lib.m{n}')\n    import lib\n    from lib import shared\n    return m.who + lib.who + shared.who\n"
    for name in ("a", "b"):
        many = {f"lib/m{n}.py": f"from . import shared\nimport lib.m{n + 1}\nwho = {name!r}\n" for n in range(40)}
        rest = {"lib/__init__.py": f"who = {name!r}", "lib/shared.py": f"who = {name!r}", "lib/m40.py": ""}
        world.tree(name, {**many, **rest, f"use_{name}.py": lazy})
    world.expose(use_a="a", use_b="b")
    program = """
    import sys, threading, random
    import use_a, use_b
    sys.setswitchinterval(1e-6)
    wrong, start = [], threading.Barrier(16)
    def work(seed):
        order = random.Random(seed)
        start.wait()
        for _ in range(100):
            use, want = order.choice(((use_a, "aaa"), (use_b, "bbb")))
            try: got = use.use(order.randrange(40))
            except Exception as error: got = repr(error)
            if got != want: wrong.append((want, got))
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(wrong[:3])
    """
    assert world.run(program) == "[]"


_IMPORTERS = """
import importlib, lib
def submit(pool): return pool.submit(importlib.import_module, "lib.part").result().who
def call(function): return function()
"""


@pytest.fixture
def importers(world: TreeWorld) -> TreeWorld:
    """Two trees that submit ``import_module`` to an executor, and call functions; the application has a ``lib``, too."""
    for name in ("a", "b"):
        files = {"lib/__init__.py": "", "lib/part.py": f"who = {name!r}", f"use_{name}.py": _IMPORTERS}
        world.tree(name, files, version=name)
    world.file("lib/__init__.py", "").file("lib/part.py", "who = 'application'")
    return world.expose(use_a="a", use_b="b")


@pytest.mark.parametrize("first", ["use_a.submit", "use_b.submit", "submit"])
def test_what_is_submitted_to_one_executor_counts_for_whoever_submits_it(importers: TreeWorld, first: str) -> None:
    """The first to submit is the one that starts the executor's thread."""
    program = f"""
    import importlib, use_a, use_b
    from concurrent.futures import ThreadPoolExecutor
    def submit(pool): return pool.submit(importlib.import_module, "lib.part").result().who
    with ThreadPoolExecutor(1) as pool:
        {first}(pool)
        print(use_a.submit(pool), use_b.submit(pool), submit(pool), use_a.submit(pool))
    """
    assert importers.run(program) == "a b application a"


def test_a_thread_of_the_application_counts_for_it_even_in_a_thread_of_a_tree(importers: TreeWorld) -> None:
    program = """
    import importlib, sys, threading, use_a
    def start():
        thread = threading.Thread(target=importlib.import_module, args=("lib.part",))
        thread.start()
        thread.join()
    use_a.call(start)
    outer = use_a.call(lambda: threading.Thread(target=start))
    outer.start()
    outer.join()
    print(sys.modules["lib.part"].who, "py_modules.a.lib.part" in sys.modules)
    """
    assert importers.run(program) == "application False"


def test_what_was_submitted_keeps_nothing_alive(importers: TreeWorld) -> None:
    program = """
    import gc, threading, weakref, use_a
    from concurrent.futures import ThreadPoolExecutor
    gc.disable()
    class Work:
        def __call__(self): pass
    with ThreadPoolExecutor(1) as pool:
        work = Work()
        use_a.call(lambda: pool.submit(work)).result()
        pool.submit(int).result()
        thread = threading.Thread(target=work)
        use_a.call(thread.start)
        thread.join()
        seen = weakref.ref(work)
        del work, thread
        print(seen())
    """
    assert importers.run(program) == "None"


def test_an_error_in_a_thread_shows_the_code_of_the_thread_alone(importers: TreeWorld) -> None:
    program = """
    import traceback, use_a
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(1) as pool:
        try: use_a.call(lambda: pool.submit(int, "no")).result()
        except ValueError as error: print([one.filename for one in traceback.extract_tb(error.__traceback__) if "importshim" in one.filename])
    """
    assert importers.run(program) == "[]"


def test_code_that_worlds_share_finds_in_a_thread_what_the_starting_world_means(world: TreeWorld) -> None:
    load = "import importlib\nfrom concurrent.futures import ThreadPoolExecutor\ndef load(name):\n    with ThreadPoolExecutor(1) as pool:\n        return pool.submit(importlib.import_module, name).result().who\n"
    for name in ("a", "b"):
        use = "import frame\ndef use(): return frame.load('plugin')\n"
        world.tree(name, {"frame.py": load, "plugin.py": f"who = {name!r}", f"use_{name}.py": use})
    world.share("a", "b", names="frame").expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.use(), use_b.use())") == "a b"


def test_a_program_without_threads_loads_nothing_for_them(importers: TreeWorld) -> None:
    program = """
    import sys, use_a
    print("importshim._threads" in sys.modules, "threading" in sys.modules)
    import threading
    print("importshim._threads" in sys.modules)
    """
    assert importers.run(program) in ("False False\nTrue", "True True\nTrue")
