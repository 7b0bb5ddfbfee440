"""Lazy imports (PEP 810) are resolved for the code that has the statement, whichever code uses them first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import interpreters
from tests.support.real import skip_without_index
from tests.support.trees import TreeWorld


@pytest.fixture(params=["3.15"])
def python(request: pytest.FixtureRequest) -> Path:
    """An interpreter that has lazy imports."""
    version: str = request.param
    return interpreters.require(version)


@pytest.fixture
def world(two: TreeWorld) -> TreeWorld:
    """Two versions of lib with parts that say which they are, and note when they are loaded."""
    for tree, version in (("dep_a", "2.0"), ("dep_b", "1.0")):
        part = f"import sys\nvars(sys).setdefault('loaded', []).append(__name__ + ' {version}')\nwho = '{version}'\n"
        names = ("lib/part", "lib/other", "lib/deep/__init__", "lib/deep/down", "lib/deep/along")
        two.tree(tree, {f"{name}.py": part for name in names}, version=version)
        two.tree(tree, {"lib/__init__.py": f"import sys\n__version__ = who = '{version}'\n"}, version=version)
        two.tree(tree, {f"{tree}/__init__.py": ""}, version=version)
    return two


FORMS = {
    "lazy import lib": "lib.who",
    "lazy import lib as l": "l.who",
    "lazy import lib.part": "lib.part.who",
    "lazy import lib.part as p": "p.who",
    "lazy import lib.deep.down": "lib.deep.down.who",
    "lazy import lib.deep.down as d": "d.who",
    "lazy import lib.part, lib.deep.down, lib.deep.along": "lib.part.who + lib.deep.down.who + lib.deep.along.who",
    "lazy from lib import who": "who",
    "lazy from lib import part": "part.who",
    "lazy from lib import part as p, other, who": "p.who + other.who + who",
    "lazy from lib.deep import down, who": "down.who + who",
    "lazy from lib.deep.down import who": "who",
    "lazy import lib.part; import lib": "lib.part.who",
    "lazy from lib import part; import lib": "lib.part.who",
    "__lazy_modules__ = ['lib', 'lib.part']; import lib.part; from lib import other": "lib.part.who + other.who",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", ["dep_a", "dep_b"])
def test_each_tree_gets_its_own_by_every_form(world: TreeWorld, form: str, first: str) -> None:
    for tree in ("dep_a", "dep_b"):
        world.file(f"py_modules/{tree}/{tree}/ask.py", f"import sys\n{form}\ndef ask(): return {FORMS[form]}\n")
    second = "dep_b" if first == "dep_a" else "dep_a"
    program = f"""
    import sys, {first}.ask as one, {second}.ask as two
    early = hasattr(sys, "loaded")
    print(early, *(sorted(set(ask().replace(".0", ""))) for ask in (one.ask, two.ask, one.ask)))
    """
    one, two = ("['2']", "['1']") if first == "dep_a" else ("['1']", "['2']")
    assert world.run(program) == f"False {one} {two} {one}"


@pytest.mark.parametrize("form", FORMS)
def test_the_application_gets_its_own_whichever_code_uses_it_first(world: TreeWorld, form: str) -> None:
    world.expose(lib="dep_a").file("mine.py", f"{form}\ndef ask(): return {FORMS[form]}\n")
    world.file("py_modules/dep_b/dep_b/use.py", "def use(function): return function()\n")
    top = FORMS[form].split(".")[0].split(" ")[0]
    world.file("py_modules/dep_b/dep_b/touch.py", f"import lib\ndef touch(module): module.{top}\n")
    program = """
    import mine, dep_b.use, dep_b.touch
    dep_b.touch.touch(mine)
    print(set(dep_b.use.use(mine.ask).replace(".0", "")))
    """
    assert world.run(program) == "{'2'}"


def test_what_is_typed_into_a_program_of_a_tree_is_the_applications(world: TreeWorld) -> None:
    shell = "import builtins\ndef run(text):\n    space = {'__name__': '__main__', '__builtins__': builtins}\n    exec(text, space)\n"
    world.expose(lib="dep_a").file("py_modules/dep_b/dep_b/shell.py", shell)
    assert (
        world.run("import dep_b.shell; dep_b.shell.run('lazy import lib.part\\nprint(lib.who, lib.part.who)')")
        == "2.0 2.0"
    )


def test_parts_of_a_contested_namespace_and_of_an_alias_come_when_they_are_used(world: TreeWorld) -> None:
    for tree, version in (("dep_a", "2.0"), ("dep_b", "1.0")):
        names = ("space/one", "space/two")
        world.tree(tree, {f"{name}.py": f"who = '{version}'\n" for name in names}, version=version)
        ask = "lazy import space.one, space.two\ndef ask(): return space.one.who + space.two.who\n"
        world.file(f"py_modules/{tree}/{tree}/ask.py", ask)
    world.alias("old", "dep_b", "lib")
    program = """
    import dep_a.ask, dep_b.ask
    lazy import old.part, old.other, old.deep.down
    print(dep_a.ask.ask(), dep_b.ask.ask(), old.part.who, old.other.who, old.deep.down.who)
    """
    assert world.run(program) == "2.02.0 1.01.0 1.0 1.0 1.0"


def test_a_part_is_loaded_when_it_is_used(world: TreeWorld) -> None:
    ask = """
    import sys
    lazy import lib.part, lib.deep.down
    def names(): return sorted(name for name in getattr(sys, "loaded", ()))
    said = [names()]
    lib; said.append(names())
    lib.part; said.append(names())
    """
    world.file("py_modules/dep_a/dep_a/ask.py", ask)
    output = world.run("import dep_a.ask; print(*dep_a.ask.said, sep='\\n')")
    first, _, last = output.splitlines()
    assert first == "[]"
    assert "lib.part 2.0" in last


def put(world: TreeWorld, tree: str, package: str, user: str) -> None:
    """The text of lib in a tree, and of the code that imports it there."""
    world.file(f"py_modules/{tree}/lib/__init__.py", package)
    world.file(f"py_modules/{tree}/{tree}/ask.py", user)


def test_a_package_may_import_its_own_parts_lazily(world: TreeWorld) -> None:
    """The lazy object is stored where the part will be, and must not be taken for it."""
    text = "lazy from . import part\nlazy from .deep import down as d\nlazy from .deep.along import who\nlazy import lib.other\n"
    for tree in ("dep_a", "dep_b"):
        package = text + "def ask(): return part.who, d.who, who, lib.other.who\n"
        put(world, tree, package, "import lib\nfrom lib import part\ndef ask(): return lib.ask(), part.who\n")
    output = world.run("import dep_a.ask, dep_b.ask; print(dep_a.ask.ask(), dep_b.ask.ask())")
    new, old = "'2.0', '2.0', '2.0', '2.0'", "'1.0', '1.0', '1.0', '1.0'"
    assert output == f"(({new}), '2.0') (({old}), '1.0')"


def test_a_missing_module_is_reported_at_the_statement(world: TreeWorld) -> None:
    world.file(
        "py_modules/dep_a/dep_a/ask.py",
        "\nlazy import lib.gone\nlazy from lib import lost\ndef ask(): lib.gone\ndef find(): lost\n",
    )
    program = """
    import traceback, dep_a.ask
    for function in (dep_a.ask.ask, dep_a.ask.find):
        try: function()
        except ImportError as error: print(type(error).__name__, error, error.name)
    """
    output = world.run(program)
    assert output == (
        "ModuleNotFoundError No module named 'lib.gone' lib.gone\n"
        f"ImportError cannot import name 'lost' from 'lib' ({world.site('dep_a') / 'lib' / '__init__.py'}) lib"
    )
    world.file("py_modules/dep_a/dep_a/shown.py", "\n\nlazy import lib.gone\nlib.gone\n")
    shown = world.start("import dep_a.shown").stderr
    assert 'shown.py", line 3' in shown
    assert "importshim" not in shown.replace("import importshim; importshim.activate", "")


def test_the_standard_library_and_the_application_import_lazily_as_ever(world: TreeWorld) -> None:
    world.file("own/__init__.py", "").file("own/part.py", "who = 'own'\n")
    program = """
    import sys
    lazy import xml.dom.minidom, own.part
    lazy from email import message
    lazy from own import gone
    print("xml.dom.minidom" in sys.modules, xml.dom.minidom.__name__, own.part.who, message.__name__)
    try: gone
    except ImportError as error: print(error.msg.split(" (")[0])
    try: own.nothing
    except AttributeError as error: print(error)
    """
    assert world.run(program) == (
        "False xml.dom.minidom own email.message\ncannot import name 'gone' from 'own'\n"
        "module 'own' has no attribute 'nothing'"
    )


def test_a_filter_decides_for_trees_too(world: TreeWorld) -> None:
    world.file("py_modules/dep_a/dep_a/ask.py", "lazy import lib.part\nlazy from lib import other\n")
    program = """
    import sys
    asked = []
    def decide(*names):
        asked.append(names)
        return False
    sys.set_lazy_imports_filter(decide)
    import dep_a.ask
    sys.set_lazy_imports_filter(None)
    print(asked, sys.loaded)
    """
    assert world.run(program) == (
        "[('dep_a.ask', 'lib.part', None), ('dep_a.ask', 'lib', ('other',))] ['lib.part 2.0', 'lib.other 2.0']"
    )


def test_all_imports_may_be_lazy(world: TreeWorld) -> None:
    world.options = ("-X", "lazy_imports=all")
    for tree in ("dep_a", "dep_b"):
        text = "from .deep.down import who as down\nfrom . import part\nfrom .other import who\nimport lib.deep.along\n"
        package = text + "def ask(): return down, part.who, who, lib.deep.along.who\n"
        put(world, tree, package, "from lib import ask\nimport lib.part as p\ndef go(): return ask(), p.who\n")
    output = world.run("import dep_a.ask, dep_b.ask; print(dep_b.ask.go(), dep_a.ask.go())")
    new, old = "'2.0', '2.0', '2.0', '2.0'", "'1.0', '1.0', '1.0', '1.0'"
    assert output == f"(({old}), '1.0') (({new}), '2.0')"


_TWO_NUMPYS = """
import numpy, numpy_old
def told(np):
    a = np.arange(6).reshape(2, 3)
    print(np.__version__, np.linalg.inv(np.eye(2))[0, 0], np.fft.fft(a[0]).real[0], np.ma.masked_equal(a[0], 1).count(), end=" ")
    print(np.polynomial.Polynomial([1, 2])(2), np.random.default_rng(1).random() > 0, np.lib.stride_tricks.as_strided(a[0], (1,)))
told(numpy_old), told(numpy)
print(numpy.linalg is numpy_old.linalg, numpy.ndarray is numpy_old.ndarray)
"""


@pytest.mark.index
def test_all_imports_of_two_numpys_may_be_lazy(python: Path, kept: Callable[[str], Path]) -> None:
    folder = kept("lazy")
    numpys = "[project]\nname = 'app'\nversion = '0'\nrequires-python = '>=3.15'\ndependencies = ['numpy==2.5.5']\n"
    (folder / "pyproject.toml").write_text(f"{numpys}[tool.mvlock.alias]\nnumpy_old = 'numpy==2.5.4'\n", "utf-8")
    for command in (("resolve", "--only-host"), ("install",)):
        words = [sys.executable, "-m", "mvlock", "--project", str(folder), *command, "--python", str(python)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        skip_without_index(done.returncode, done.stderr)
        assert done.returncode == 0, done.stderr
    (folder / "main.py").write_text(_TWO_NUMPYS, "utf-8")
    words = [str(folder / "app/bin/python"), "-X", "lazy_imports=all", str(folder / "main.py")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    same = "1.0 3.0 2 5.0 True [0]"
    assert (done.stdout, done.stderr) == (f"2.5.4 {same}\n2.5.5 {same}\nFalse False\n", "")


def test_nothing_of_it_stays_after_deactivation(world: TreeWorld) -> None:
    program = """
    import builtins, importlib._bootstrap as bootstrap, importshim
    active = builtins.__lazy_import__, bootstrap._find_and_load_lazy_submodule
    importshim.activate().deactivate()
    print(builtins.__lazy_import__ is active[0], builtins.__lazy_import__, bootstrap._find_and_load_lazy_submodule.__module__)
    """
    assert world.run(program) == "False <built-in function __lazy_import__> _frozen_importlib"
