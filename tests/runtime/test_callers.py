"""The standard library imports for its caller."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_WAYS = {
    "import_module": "import importlib\n    return importlib.import_module('lib').v",
    "relative import_module": "import importlib\n    return importlib.import_module('.part', 'lib').v",
    "find_spec": "import importlib.util\n    return __import__('importlib').util.find_spec('lib').name.split('.')[1]",
    "metadata": "import importlib.metadata\n    return importlib.metadata.version('lib')",
    "resources": "import importlib.resources\n    return importlib.resources.files('lib').joinpath('data.txt').read_text()",
    "own package's resources": "import importlib.resources, lib\n    return importlib.resources.files(lib).joinpath('data.txt').read_text()",
    "get_data": "import pkgutil\n    return pkgutil.get_data('lib', 'data.txt').decode()",
    "resolve_name": "import pkgutil\n    return pkgutil.resolve_name('lib:v')",
    "mock": "from unittest import mock\n    with mock.patch('lib.v', 'patched'):\n        import lib\n        assert lib.v == 'patched'\n    return lib.v",
    "pickle": "import pickle, lib\n    return pickle.loads(pickle.dumps(lib.Thing())).who",
    "reload": "import importlib, lib\n    return importlib.reload(lib).v",
    "dictConfig": "import logging.config\n    logging.config.dictConfig({'version': 1, 'handlers': {'h': {'class': 'lib.Handler'}}})\n    import lib\n    return lib.made[-1]",
    "thread": "import importlib, sys, threading\n    thread = threading.Thread(target=importlib.import_module, args=('lib.part',))\n    thread.start()\n    thread.join()\n    return sys.modules['lib.part'].v",
    "timer": "import importlib, sys, threading\n    timer = threading.Timer(0, importlib.import_module, ('lib.part',))\n    timer.start()\n    timer.join()\n    return sys.modules['lib.part'].v",
    "thread of a thread": "import importlib, sys, threading\n    inner = threading.Thread(target=importlib.import_module, args=('lib.part',))\n    outer = threading.Thread(target=inner.start)\n    outer.start()\n    outer.join()\n    inner.join()\n    return sys.modules['lib.part'].v",
    "executor": "import importlib\n    from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(1) as pool:\n        return pool.submit(importlib.import_module, 'lib.part').result().v",
    "executor's map": "import importlib\n    from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(1) as pool:\n        return list(pool.map(importlib.import_module, ['lib.part']))[0].v",
    "executor and metadata": "import importlib.metadata\n    from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(1) as pool:\n        return pool.submit(importlib.metadata.version, 'lib').result()",
    "executor and find_spec": "import importlib.util\n    from concurrent.futures import ThreadPoolExecutor\n    with ThreadPoolExecutor(1) as pool:\n        return pool.submit(importlib.util.find_spec, 'lib').result().name.split('.')[1]",
    "multiprocessing's threads": "import importlib\n    from multiprocessing.dummy import Pool\n    with Pool(1) as pool:\n        return pool.apply(importlib.import_module, ('lib.part',)).v",
    "event loop's executor": "import asyncio, importlib\n    async def work():\n        return await asyncio.get_running_loop().run_in_executor(None, importlib.import_module, 'lib.part')\n    return asyncio.run(work()).v",
    "to_thread": "import asyncio, importlib\n    async def work():\n        return await asyncio.to_thread(importlib.import_module, 'lib.part')\n    return asyncio.run(work()).v",
}


@pytest.mark.parametrize("way", _WAYS.values(), ids=_WAYS.keys())
def test_it_answers_for_the_tree_that_calls(world: TreeWorld, way: str) -> None:
    for name in ("a", "b"):
        lib = (
            f"import logging\nv = {name!r}\nmade = []\nclass Thing:\n    who = {name!r}\n"
            f"class Handler(logging.Handler):\n    def __init__(self):\n        super().__init__()\n        made.append({name!r})\n"
        )
        files = {"lib/__init__.py": lib, "lib/part.py": f"v = {name!r}", "lib/data.txt": name}
        world.tree(name, {**files, f"use_{name}.py": f"def use():\n    {way}\n"}, version=name)
    world.expose(use_a="a", use_b="b")
    assert world.run("import use_a, use_b; print(use_a.use(), use_b.use(), use_a.use())") == "a b a"


def test_the_application_finds_metadata_of_what_it_may_import(two: TreeWorld) -> None:
    program = """
    from importlib.metadata import version, PackageNotFoundError
    try: print(version("dep_a"), version("dep_b"))
    except PackageNotFoundError as error: print("missing", error)
    """
    assert two.run(program) == "2.0 1.0"


def test_objects_lead_back_to_their_source_from_the_application(two: TreeWorld) -> None:
    program = """
    import copy, dep_a, dep_b, inspect, typing
    for dep in (dep_a, dep_b):
        thing = dep.lib.Thing()
        assert "a thing" in inspect.getsource(dep.lib.Thing)
        assert inspect.getmodule(dep.lib.Thing) is dep.lib.core
        assert type(copy.deepcopy(thing)) is dep.lib.Thing
        assert typing.get_type_hints(dep.lib.Thing) == {}
    print("fine")
    """
    assert two.run(program) == "fine"


def test_an_exception_in_a_tree_shows_its_source(world: TreeWorld) -> None:
    for name in ("a", "b"):
        world.tree(
            name, {"lib.py": f"def fail():\n    raise ValueError('from {name}')\n", f"use_{name}.py": "import lib\n"}
        )
    world.expose(use_a="a", use_b="b")
    program = """
    import traceback, use_a, use_b
    for use in (use_a, use_b):
        try: use.lib.fail()
        except ValueError: print(traceback.format_exc().count("raise ValueError"))
    """
    assert world.run(program) == "1\n1"


def test_a_plain_name_means_the_requesters_even_after_a_look_up_for_another_tree(two: TreeWorld) -> None:
    two.expose(lib="dep_b")
    program = """
    import sys, dep_a, lib
    theirs = dep_a.lib
    def look(name): return sys.modules[name].__version__
    print([sys.modules[name].__version__ for name in (theirs.__name__, "lib", theirs.__name__, "lib")])
    print([look(name) for name in (theirs.__name__, "lib")])
    for name in (theirs.core.__name__, "lib"): found = sys.modules[name]
    print(found.__version__)
    for name in (theirs.core.__name__, "lib"): found = __import__(name)
    print(found.__version__)
    """
    assert two.run(program) == "['2.0', '1.0', '2.0', '1.0']\n['2.0', '1.0']\n1.0\n1.0"


@pytest.mark.parametrize("dumps", ["dumps", "_dumps"], ids=["in C", "in Python"])
def test_what_may_be_pickled_does_not_depend_on_what_was_pickled_before(two: TreeWorld, dumps: str) -> None:
    two.file(
        "py_modules/dep_a/lib/core.py",
        "class Thing: pass\nclass Literal:\n    __module__ = 'lib'\n    def __reduce__(self): return 'literal'\nliteral = Literal()\n",
    )
    program = f"""
    import pickle, dep_a
    core = dep_a.lib.core
    dep_a.lib.literal = literal = core.literal
    def dump(value):
        try: return len(pickle.{dumps}(value, protocol=2)) > 0
        except pickle.PicklingError: return False
    print(*map(dump, (literal, core.Thing, literal, [core.Thing, literal], [core.Thing] * 2, core.Thing)))
    """
    assert two.run(program) == "False True False False True True"


def test_what_is_found_in_sys_modules_is_pickled_and_copied_by_its_plain_name(two: TreeWorld) -> None:
    two.file(
        "py_modules/dep_a/dep_a/__init__.py",
        """
        import lib
        class Function:
            __module__ = None
            def __reduce__(self): return "function"
        lib.function = Function()
        """,
    )
    program = """
    import copy, importshim, pickle, sys, dep_a, dep_b
    for names in (pickle.loads(pickle.dumps(list(sys.modules))), copy.deepcopy(list(sys.modules)), [*map(copy.copy, sys.modules)]):
        print({type(name) for name in names}, names == [str(name) for name in sys.modules], names.count("lib"))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps(dep_a.lib.function, protocol)
        assert b"importshim" not in data
        with importshim.using("dep_a"): assert pickle.loads(data) is dep_a.lib.function
    """
    assert two.run(program) == "\n".join(["{<class 'str'>} True 2"] * 3)


def test_threads_that_pickle_do_not_forget_each_others_names(two: TreeWorld) -> None:
    """A hundred frames at a time, more than places to remember them in."""
    program = """
    import pickle, sys, threading, dep_a, dep_b
    sys.setswitchinterval(1e-6)
    things, failed, together = [dep_a.lib.core.Thing, dep_b.lib.core.Thing], [], threading.Barrier(100)
    def work(number):
        together.wait()
        for turn in range(60):
            try: pickle.dumps(things[(number + turn) % 2])
            except Exception as error: failed.append(repr(error))
    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(len(failed), failed[:1])
    """
    assert two.run(program) == "0 []"
