"""The module ``builtins``, as code of a tree finds it, works wherever Python takes a module's real dict."""

from __future__ import annotations

import pytest

from tests.support.trees import TreeWorld

_SHELL = """
import builtins, types
def make():
    namespace = vars(types.ModuleType("__main__"))
    namespace["__builtins__"] = builtins
    return namespace
def run(text, namespace):
    exec(compile(text, "<cell>", "exec"), namespace)
def value(text, namespace):
    return eval(compile(text, "<cell>", "eval"), namespace)
"""


@pytest.fixture
def shell(world: TreeWorld) -> TreeWorld:
    """A tree with an interactive program that has a lib of its own; the application has another, by an alias too."""
    world.tree("shell", {"shell.py": _SHELL, "lib.py": "v = 'of the shell'\n", "inside.py": ""})
    world.tree("other", {"lib.py": "v = 'of the application'\n"})
    return world.expose(shell="shell", lib="other").alias("lib_old", "other", "lib")


def test_what_the_user_of_an_interactive_program_types_is_code_of_the_application(shell: TreeWorld) -> None:
    program = """
    import shell
    cells = shell.make()
    shell.run("import lib, lib_old, importlib; print(lib.v, lib is lib_old, importlib.import_module('lib') is lib)", cells)
    shell.run("import builtins; print(__builtins__ is builtins)", cells)
    shell.run("exec('import lib_old; print(lib_old.v)', {})", cells)
    try: shell.run("import inside", cells)
    except ModuleNotFoundError as error: print(error.name)
    """
    output = shell.run(program).splitlines()
    assert output == ["of the application True True", "True", "of the application", "inside"]


def test_it_is_so_before_a_first_statement_was_executed(shell: TreeWorld) -> None:
    """Cells that wait for something at their top level are evaluated, not executed."""
    program = """
    import shell
    cells = shell.make()
    print(shell.value("__import__('lib_old').v, [f() for f in [lambda: __import__('lib').v]]", cells))
    print(shell.value("__import__('importlib').import_module('lib').v", cells))
    """
    assert shell.run(program) == "('of the application', ['of the application'])\nof the application"


def test_an_interactive_program_that_a_tree_has_started_runs_the_users_code_as_the_application(
    shell: TreeWorld,
) -> None:
    program = """
    import os, sys
    import importshim
    importshim.activate().deactivate()
    os.environ["IMPORTSHIM_TREE"] = "shell"
    importshim.activate(MAP)
    import lib
    assert lib.v == "of the shell"
    import shell
    import inside
    try: shell.run("import inside", shell.make())
    except ModuleNotFoundError as error: print(error.name)
    shell.run("import lib, lib_old; print(lib.v, lib_old.v, os.environ.get('IMPORTSHIM_TREE'))", {**shell.make(), "os": os})
    """
    map_path = str(shell.root / "import_map.json")
    assert shell.run(program.replace("MAP", repr(map_path))) == "inside\nof the application of the application None"


@pytest.mark.parametrize("given", ["builtins", "vars(builtins)", "__builtins__"])
@pytest.mark.parametrize(
    "way",
    ["exec(code, names)", "eval(code, names)", "FunctionType(code, names)()", "vars(builtins)['exec'](code, names)"],
)
def test_a_namespace_that_a_library_makes_for_its_own_code_belongs_to_the_library(
    shell: TreeWorld, given: str, way: str
) -> None:
    library = f"""
    import builtins
    from types import FunctionType
    code = compile("import lib, importlib; found = lib.v, importlib.import_module('lib') is lib, len", "<made>", "exec")
    def use():
        names = {{"__builtins__": {given}}}
        {way}
        return names["found"]
    """
    shell.tree("shell", {"makes.py": library}).expose(makes="shell")
    assert shell.run("import makes; print(makes.use())") == "('of the shell', True, <built-in function len>)"


@pytest.mark.parametrize("place", ["the application", "a tree"])
def test_the_module_is_pickled_and_copied_by_its_name(shell: TreeWorld, place: str) -> None:
    text = """
    import builtins, copy, importlib, inspect, pickle
    from multiprocessing.reduction import ForkingPickler
    def check():
        for thing in (builtins, len, builtins.len, exec, eval, ValueError, dict, print):
            for dumped in (pickle.dumps(thing), pickle.dumps(thing, 0), pickle._dumps(thing), bytes(ForkingPickler.dumps(thing))):
                assert pickle.loads(dumped) is thing, thing
        assert copy.copy(builtins) is copy.deepcopy(builtins) is importlib.import_module("builtins") is builtins
        assert inspect.ismodule(builtins) and inspect.getmodule(len).__name__ == "builtins" and dict(inspect.getmembers(builtins))
        assert inspect.getclosurevars(check).builtins["len"] is len and {*vars(builtins)} >= {"len", "__import__"}
        assert "len" in dir(builtins) and repr(builtins) == "<module 'builtins' (built-in)>"
        return b"importshim" not in pickle.dumps(builtins)
    """
    if place == "a tree":
        shell.tree("shell", {"checks.py": text}).expose(checks="shell")
    else:
        shell.file("checks.py", text)
    assert shell.run("import checks; print(checks.check())") == "True"


def test_the_applications_module_stays_its_own_when_a_tree_loads_the_pickle(shell: TreeWorld) -> None:
    shell.tree("shell", {"loads.py": "import pickle\ndef load(text): return pickle.loads(text)\n"}).expose(
        loads="shell"
    )
    program = """
    import builtins, loads, pickle
    print(loads.load(pickle.dumps(builtins)) is builtins)
    """
    assert shell.run(program) == "True"


def test_what_the_standard_library_sets_on_builtins_for_a_tree_reaches_it(shell: TreeWorld) -> None:
    """As ``gettext.install`` does, through the dict of the module."""
    text = "import gettext\ngettext.install('nothing')\ndef say(): return _('said'), __builtins__['_']('too')\n"
    shell.tree("shell", {"says.py": text}).expose(says="shell")
    program = """
    import builtins, says
    print(says.say(), _("here"), builtins._("here"))
    names = vars(builtins)
    names |= {"more": 1}
    names.update(again=2)
    print(more, again, names.pop("more"), names.setdefault("again", 3), hasattr(builtins, "more"), "more" in names)
    """
    assert shell.run(program) == "('said', 'too') here here\n1 2 1 2 False False"


def test_code_that_a_tree_executes_fails_without_a_frame_of_the_runtime(shell: TreeWorld) -> None:
    program = """
    import shell, traceback
    try: shell.run("1 / 0", shell.make())
    except ZeroDivisionError as error: print([frame.name for frame in traceback.extract_tb(error.__traceback__)])
    """
    assert shell.run(program) == "['<module>', 'run', '<module>']"


def test_code_that_a_tree_executes_in_place_has_the_names_there(shell: TreeWorld) -> None:
    text = """
    def use():
        here = 1
        exec("there = here + 1; seen.append(there)")
        exec("seen.append(own)", None, {"own": 3})
    seen = []
    class Made:
        exec("four = 4")
    """
    shell.tree("shell", {"stands.py": text}).expose(stands="shell")
    assert shell.run("import stands; stands.use(); print(stands.seen, stands.Made.four)") == "[2, 3] 4"


def test_code_that_is_first_imported_late_finds_the_builtins_that_it_would_have_found_from_the_start(
    world: TreeWorld,
) -> None:
    """What the application has set, and no other tree's names with two underscores."""
    see = (
        "import builtins\nlate = [hasattr(builtins, n) for n in ('__mine__', '__theirs__', 'theirs')]\nname = theirs\n"
    )
    world.tree("a", {"red.py": "import builtins\nbuiltins.__mine__ = 1\n", "lib.py": ""})
    world.tree("b", {"blue.py": see, "lib.py": ""}).expose(red="a", blue="b")
    program = """
    import builtins
    builtins.__theirs__, builtins.theirs = 1, "set"
    import red, blue
    print(blue.late, blue.name)
    """
    assert world.run(program) == "[False, True, True] set"
