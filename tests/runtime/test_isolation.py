"""Neither a tree nor the application can import what it does not require; the error says which tree has it."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.trees import TreeWorld

_ASK = """
try:
    {statement}
except ModuleNotFoundError as error:
    print(error.name, "|", error)
"""


def test_a_tree_does_not_see_another_trees_library(world: TreeWorld) -> None:
    world.tree("a", {"lib.py": "", "use_a.py": "def use():\n    import other\n"})
    world.tree("b", {"other.py": ""}, version="3.1").expose(use_a="a")
    output = world.run("import use_a" + _ASK.format(statement="use_a.use()"))
    assert output.startswith("other | No module named 'other' for tree a; tree b has it (other 3.1)")
    assert "pyproject.toml" in output or "[tool.mvlock.trees]" in output


def test_the_application_does_not_see_what_is_not_exposed_even_once_it_is_loaded(two: TreeWorld) -> None:
    for statement in ("import lib", "import lib.core", "from lib import Thing", "__import__('lib')"):
        output = two.run("import dep_a, dep_b" + _ASK.format(statement=statement))
        assert "for the application" in output
        assert "dep_a has it (lib 2.0)" in output
        assert "dep_b has it (lib 1.0)" in output


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("import lib.core", "lib"),
        ("import lib.gone.deeper", "lib"),
        ("import dep_a.gone.deeper", "dep_a.gone"),
        ("import dep_a.lost", "lib.gone"),
        ("import dep_a.deep", "inner.gone"),
        ("import space.part.deep", "space.part"),
        ("import py_modules.nothing.lib", "py_modules.nothing"),
        ("import py_modules.dep_a.lib.gone", "py_modules.dep_a.lib.gone"),
        ("import sys; sys.modules['dep_a.halted'] = None; import dep_a.halted", "dep_a.halted"),
    ],
)
def test_an_error_names_the_part_that_is_missing_and_every_traceback_can_be_shown(
    two: TreeWorld, statement: str, missing: str
) -> None:
    """From 3.15 on, ``traceback`` imports the package of the name to look what else is there."""
    lost = "try: import lib.gone.deeper\nexcept ImportError as error: raise\n"
    two.tree(
        "dep_a", {"dep_a/lost.py": lost, "dep_a/deep.py": "import inner.gone", "inner/__init__.py": ""}, version="2.0"
    )
    two.tree("dep_b", {"space/part/__init__.py": ""}, version="1.0").tree("dep_a", {"space/own.py": ""}, version="2.0")
    two.expose(space="dep_a")
    program = f"""
    import pickle, traceback
    try: {statement}
    except ModuleNotFoundError as error:
        print(error.name, pickle.loads(pickle.dumps(error)).name, type(pickle.loads(pickle.dumps(error.name))) is str)
        print(str(error) in traceback.format_exc())
    """
    assert two.run(program) == f"{missing} {missing} True\nTrue"


def test_the_application_does_not_see_a_sole_name_that_is_not_exposed(world: TreeWorld) -> None:
    world.tree(
        "a",
        {
            "dep_a.py": "import inner.part, sys\nseen = sys.modules['inner'] is inner",
            "inner/__init__.py": "",
            "inner/part.py": "",
        },
    )
    world.tree("b", {"unrelated.py": ""}).expose(dep_a="a")
    output = world.run("import dep_a\nprint(dep_a.seen)" + _ASK.format(statement="import inner"))
    assert output.startswith("True\ninner | No module named 'inner' for the application; tree a has it (inner 1.0)")
    assert "for the application" in world.run("import dep_a" + _ASK.format(statement="import inner.part"))


_WAYS_TO_ASK = (
    "from other.ext import value",
    "value = importlib.import_module('other.ext').value",
    "import other.ext; value = sys.modules['other.ext'].value",
)


@pytest.mark.parametrize("way", _WAYS_TO_ASK)
def test_code_finds_its_peers_by_every_kind_of_look_up(world: TreeWorld, way: str) -> None:
    library = f"import importlib.util, sys\ndef value():\n    {way}\n    return value\n"
    world.tree("a", {"lib.py": library}).tree("strict", {"careful.py": library})
    world.tree("b", {"other/__init__.py": "", "other/ext.py": "value = 'of b'"})
    world.tree("c", {"other/__init__.py": "", "other/ext.py": "value = 'of c'"})
    world.add_peers("a", other="b").expose(lib="a", careful="strict", other="b")
    ask = _ASK.format(statement="careful.value()")
    found, strict = world.run(f"import lib, careful\nprint(lib.value()){ask}").splitlines()
    assert found == "of b"
    assert "No module named 'other" in strict
    assert "for tree strict" in strict


def test_a_peer_that_only_one_tree_has_is_one_plain_module(world: TreeWorld) -> None:
    world.tree("a", {"lib.py": "import other"}).tree("b", {"other.py": ""})
    world.add_peers("a", other="b").expose(lib="a", other="b")
    assert world.run("import lib, other, sys\nprint(lib.other is other is sys.modules['other'])") == "True"


def test_the_standard_library_comes_first(world: TreeWorld) -> None:
    world.tree(
        "a", {"dataclasses.py": "backport = True", "use_a.py": "import dataclasses as d\nv = hasattr(d, 'backport')"}
    )
    assert world.expose(use_a="a").run("import use_a; print(use_a.v)") == "False"


def test_a_module_that_does_not_exist_is_not_found_as_usual(two: TreeWorld) -> None:
    output = two.run(_ASK.format(statement="import nowhere_at_all"))
    assert output == "nowhere_at_all | No module named 'nowhere_at_all'"


@pytest.mark.parametrize(
    "program",
    [
        "import utils, use_a; print(utils.who, use_a.use(), use_a.use(), utils.who)",
        "import use_a, utils; print(utils.who, use_a.use(), use_a.use(), utils.who)",
        "import use_a; f = use_a.use(); import utils.own; print(utils.own.who, f, use_a.use(), utils.who)",
        "from utils import own; import use_a; print(own.who, use_a.use(), use_a.use(), own.utils.who)",
    ],
)
def test_the_applications_own_module_may_share_its_name_with_one_that_a_tree_hides(
    world: TreeWorld, program: str
) -> None:
    use = """
    import sys
    def use():
        import utils.deep
        from utils import deep, later
        return utils.who + deep.who + later.who + str(sys.modules["utils"] is utils)
    """
    late = {"utils/deep.py": "from . import who\n", "utils/later.py": "import utils\nfrom .deep import who\n"}
    world.tree("a", {"utils/__init__.py": "who = 'a'\n", **late, "use_a.py": use}).expose(use_a="a")
    world.file("utils/__init__.py", "who = 'own'\n").file("utils/own.py", "import utils\nwho = utils.who\n")
    assert world.run(program) == "own aaaTrue aaaTrue own"


def test_parts_that_a_tree_has_loaded_are_no_parts_of_the_applications_own_module(world: TreeWorld) -> None:
    world.tree("a", {"utils/__init__.py": "", "utils/deep.py": "", "use_a.py": "import utils.deep\n"}).expose(use_a="a")
    program = "import use_a, utils, sys\nprint(utils.who, 'utils.deep' in sys.modules)"
    output = world.file("utils/__init__.py", "who = 'own'\n").run(program + _ASK.format(statement="import utils.deep"))
    assert output == "own False\nutils.deep | No module named 'utils.deep'"


def test_the_applications_own_module_may_share_its_name_with_trees(two: TreeWorld) -> None:
    two.file("lib/__init__.py", "own = 'the application'").file("lib/deep.py", "from . import own")
    program = """
    import dep_a, lib, dep_b, lib.deep
    print(lib.own, lib.deep.own, dep_a.seen(), dep_b.seen())
    """
    assert two.run(program) == "the application the application 2.0 1.0"


_RUNNER = """
import importlib, sys
def run(name, load=importlib.import_module):
    sys.path.insert(0, sys.argv[1])
    load(name)
    return sys.modules[name].who
def start(name):
    return run(name, lambda name: __import__(name))
def own():
    import tests.part
    return tests.part.who
"""
_TESTS = {"tests/__init__.py": "who = 'of a library'\n", "tests/part.py": "who = 'of a library'\n"}


@pytest.mark.parametrize("function", ["run", "start"])
@pytest.mark.parametrize("is_exposed", [True, False])
@pytest.mark.parametrize("holder", ["a", "b"])
def test_a_runner_that_gets_a_name_loads_what_is_first_on_the_path(
    world: TreeWorld, holder: str, is_exposed: bool, function: str
) -> None:
    """A library that brings its ``tests`` does not get in the way of the application's."""
    world.tree("a", {"runner.py": _RUNNER}).tree("b", {"other.py": ""}).tree(holder, _TESTS).expose(runner="a")
    if is_exposed:
        world.expose(tests=holder)
    world.file("proof/tests/__init__.py", "").file(
        "proof/tests/test_it.py", "import tests; who = tests.__path__[0][-11:]"
    )
    program = (
        f"import sys, runner; sys.argv[1:] = [{str(world.root / 'proof')!r}]; print(runner.{function}('tests.test_it'))"
    )
    assert world.run(program) == "proof/tests"


def test_what_a_library_has_loaded_stays_its_own_whatever_name_it_gets(world: TreeWorld) -> None:
    world.tree("a", {"runner.py": _RUNNER, **_TESTS}).expose(runner="a").file("proof/tests/part.py", "who = 'own'")
    world.file("proof/tests/__init__.py", "")
    program = f"import sys, runner; sys.argv[1:] = [{str(world.root / 'proof')!r}]"
    assert world.run(f"{program}\nprint(runner.own(), runner.run('tests.part'))") == "of a library of a library"


@pytest.mark.parametrize(
    ("statement", "name"),
    [("import dep_b", "dep_b"), ("import dep_b.part", "dep_b"), ("from py_modules.dep_b import lib", "lib")],
)
def test_a_missing_tree_is_reported(two: TreeWorld, statement: str, name: str) -> None:
    """Whether only the tree has the module (dep_b) or others have it too (lib)."""
    program = f"import shutil\nshutil.rmtree({str(two.site('dep_b'))!r})" + _ASK.format(statement=statement)
    assert two.run(program) == (f"{name} | No module named {name!r}: tree dep_b is not installed; run `mvlock install`")


def test_a_missing_shared_module_is_reported_with_the_tree_that_has_it(world: TreeWorld) -> None:
    for name in "ab":
        world.tree(name, {f"use_{name}.py": "import base\n", "base.py": ""})
    world.share("a", "b", names="base").expose(use_a="a", use_b="b")
    program = f"import shutil\nshutil.rmtree({str(world.site('a'))!r})" + _ASK.format(statement="import use_b")
    assert world.run(program) == "base | No module named 'base': tree a is not installed; run `mvlock install`"


def test_a_module_that_an_installed_tree_lacks_is_just_not_there(two: TreeWorld) -> None:
    assert two.run(_ASK.format(statement="import dep_a.gone")) == "dep_a.gone | No module named 'dep_a.gone'"


@pytest.mark.parametrize(
    ("version", "specifier"),
    [
        ("1.10.27", "==1.10.*"),
        ("2.1", "==2.1.*"),
        ("7", "==7.*"),
        ("2026.10.19.post1", "==2026.10.*"),
        ("2.0.1+cpu", "==2.0.*"),
        ("1!2.3.4", "==1!2.3.*"),
        ("2.0rc1", "==2.0rc1"),
        ("2.0.dev3", "==2.0.dev3"),
    ],
)
def test_the_hint_has_the_version_of_a_tree_in_use(world: TreeWorld, version: str, specifier: str) -> None:
    """Any other version would not mix with what that tree gives."""
    world.tree("a", {"models.py": ""}, version="9.9").alias("models_new", "a", "models")
    world.tree("frame", {"frame.py": "", "models.py": ""}, version=version).expose(frame="frame")
    output = world.run("try: import models\nexcept ModuleNotFoundError as error: print(error)")
    assert output.endswith(
        f'Add "models{specifier}" to the dependencies of the application to use it here, '
        "or write `from py_modules.frame import models`"
    )


@pytest.mark.parametrize("first", ["", "import lib_old, lib_old.late\n"])
def test_a_library_that_gets_a_name_below_an_alias_imports_what_the_application_would(
    two: TreeWorld, first: str
) -> None:
    """By ``import_module``, ``resolve_name``, ``find_spec``: such names are in settings, and what ``mock`` is given."""
    loads = """
    import importlib, importlib.util, pkgutil
    def load(name): return importlib.import_module(name)
    def resolve(name): return pkgutil.resolve_name(name)
    def finds(name): return importlib.util.find_spec(name) is not None
    """
    two.tree("loader", {"loader.py": textwrap.dedent(loads)}).expose(loader="loader").alias("lib_old", "dep_b", "lib")
    program = f"""{first}
import sys, loader, importshim
found = loader.load("lib_old.late"), loader.resolve("lib_old.core.Thing"), loader.finds("lib_old.core")
import lib_old.late, lib_old.core
print(found == (lib_old.late, lib_old.core.Thing, True), found[0].version, found[0].__name__, importshim.whose(found[1]))
print(importshim.explain_import("lib_old.late", tree="loader").reason)
"""
    assert two.run(program).splitlines() == [
        "True 1.0 lib.late Origin(tree='dep_b', distribution='lib', version='1.0')",
        "the application's alias for lib.late",
    ]


def test_what_an_alias_lacks_is_to_be_added_to_the_alias(two: TreeWorld) -> None:
    two.tree("old", {"old_one.py": "def ask(): import deep\n"}, version="1").alias("one_old", "old", "old_one")
    two.tree("deep", {"deep.py": ""}, version="2").alias("old", "old", "old_one").expose(deep="deep")
    output = two.run("import old\ntry: old.ask()\nexcept ModuleNotFoundError as error: print(error)")
    assert output.endswith('[tool.mvlock.alias] old = { requirements = ["…", "deep"] }')
