"""An error caused by mixing two versions is explained."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.trees import TreeWorld

_TAKE = """
def take(thing):
    from lib import Thing
    if not isinstance(thing, Thing):
        raise TypeError(f"expected Thing, got {thing!r}")
"""


def test_the_classes_of_two_trees_are_distinguished(two: TreeWorld) -> None:
    two.file("py_modules/dep_a/dep_a/take.py", _TAKE)
    program = """
    import importshim, dep_a.take, dep_b
    try: dep_a.take.take(dep_b.lib.Thing())
    except TypeError as error: print(importshim.explain(error))
    """
    output = two.run(program)
    assert output in (
        "lib.Thing of tree dep_b (1.0) is not lib.Thing of tree dep_a (2.0)",
        "lib.Thing of tree dep_a (2.0) is not lib.Thing of tree dep_b (1.0)",
    )


def test_an_error_within_one_tree_is_not_explained(two: TreeWorld) -> None:
    program = """
    import importshim, dep_a
    try: dep_a.lib.Thing().nothing
    except AttributeError as error: print(importshim.explain(error))
    """
    assert two.run(program) == "None"


_MIX = "lib.Thing of tree dep_a (2.0) is not lib.Thing of tree dep_b (1.0)"


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        ("one + two", _MIX),
        ("(one\n    + two)", _MIX),
        ("join(one, two)", _MIX),
        ("one + None", "None"),
        ("nothing", "None"),
        ("1 / 0", "None"),
    ],
)
@pytest.mark.parametrize("place", ["module", "function"])
def test_only_values_related_to_the_error_are_reported(two: TreeWorld, place: str, failing: str, expected: str) -> None:
    for tree in ("dep_a", "dep_b"):
        two.file(f"py_modules/{tree}/lib/core.py", "class Thing: pass\nclass Model: pass\n")
        two.file(f"py_modules/{tree}/{tree}/__init__.py", "import lib.core\n")
    body = f"one, two, a, b = dep_a.lib.Thing(), dep_b.lib.Thing(), dep_a.lib.core.Model(), dep_b.lib.core.Model()\n{failing}"
    called = body if place == "module" else f"def main():\n{textwrap.indent(body, '    ')}\nmain()"
    two.file("failing.py", f"import dep_a, dep_b\ndef join(x, y): raise ValueError('no')\n{called}\n")
    program = """
    import importshim
    try: import failing
    except Exception as error: print(importshim.explain(error))
    """
    if "\n" in failing and two.run("import sys; print(sys.version_info < (3, 11))") == "True":
        pytest.skip("3.10 does not tell which lines an expression has")
    assert two.run(program) == expected


_FRAME = """
import lib
class Refused(Exception): pass
def named(kind):
    try: raise KeyError("no validator")
    except KeyError: raise Refused(f"Invalid args: {kind} is no valid field") from None
def raised(kind):
    if not issubclass(kind, lib.Thing):
        raise TypeError("not what it should be")
def deep(kind):
    _refuse(kind.__name__)
def _refuse(name):
    raise ValueError(f"{name} is no model")
def compiled(kind):
    text, kind = f"{kind} is no model", None
    raise ValueError(text)
def wrapped(kind):
    try: raised(kind)
    except TypeError as error: _wrap(error)
def _wrap(error):
    raise Refused("see above") from error
def used(thing):
    return thing.nothing
def apart(kind):
    _fail()
def _fail():
    raise ValueError("the disk is full")
def calls(kind, function):
    function()
"""


@pytest.fixture
def framework(two: TreeWorld) -> TreeWorld:
    """A framework with lib 2.0 in its tree; the application means lib 1.0, which has a class more."""
    two.tree("frame", {"frame.py": _FRAME, "lib/__init__.py": "class Thing: pass\n"}, version="2.0")
    new = "class Thing: pass\nclass Newer: pass\nclass Newest(Thing): pass\n"
    two.tree("lib", {"lib/__init__.py": new}, version="1.0")
    return two.expose(frame="frame", lib="lib")


_STRANGER = "lib.Thing of tree lib (1.0) is not lib.Thing of tree frame (2.0)"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("frame.named(Mine)", _STRANGER),
        ("frame.raised(Mine)", _STRANGER),
        ("frame.raised(lib.Newest)", _STRANGER),
        ("frame.raised(lib.Newer)", "lib.Newer of tree lib (1.0) is not lib.Newer of tree frame (2.0)"),
        ("frame.deep(Mine)", _STRANGER),
        ("frame.compiled(Mine)", _STRANGER),
        ("frame.wrapped(Mine)", _STRANGER),
        ("frame.used(Mine())", _STRANGER),
        ("frame.used(lib.Thing())", _STRANGER),
    ],
)
def test_a_framework_that_refuses_what_is_made_from_another_version_is_explained(
    framework: TreeWorld, call: str, expected: str
) -> None:
    program = f"""
    import frame, importshim, lib
    class Mine(lib.Thing): pass
    try: {call}
    except Exception as error: print(importshim.explain(error))
    """
    assert framework.run(program) == expected


@pytest.mark.parametrize(
    "call",
    [
        "frame.apart(Mine)",
        "frame.calls(Mine, lambda: 1 / 0)",
        "frame.calls(Mine, frame._fail)",
        "frame.named(int)",
        "frame.raised(Plain)",
        "frame.used(Plain())",
        "[frame, Mine] + 1",
    ],
)
def test_an_error_that_only_came_near_another_version_is_not_explained(framework: TreeWorld, call: str) -> None:
    program = f"""
    import frame, importshim, lib
    class Mine(lib.Thing): pass
    class Plain: pass
    try: {call}
    except Exception as error: print(importshim.explain(error))
    """
    assert framework.run(program) == "None"
