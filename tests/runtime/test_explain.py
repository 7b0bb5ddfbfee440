"""An error that came of mixing two versions is explained."""

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


def test_the_classes_of_two_trees_are_told_apart(two: TreeWorld) -> None:
    two.file("py_modules/dep_a/dep_a/take.py", _TAKE)
    program = """
    import importshim, dep_a.take, dep_b
    try: dep_a.take.take(dep_b.lib.Thing())
    except TypeError as error: print(importshim.explain(error))
    """
    said = two.run(program)
    assert said in (
        "lib.Thing of tree dep_b (1.0) is not lib.Thing of tree dep_a (2.0)",
        "lib.Thing of tree dep_a (2.0) is not lib.Thing of tree dep_b (1.0)",
    )


def test_an_error_of_one_tree_alone_is_not_explained(two: TreeWorld) -> None:
    program = """
    import importshim, dep_a
    try: dep_a.lib.Thing().nothing
    except AttributeError as error: print(importshim.explain(error))
    """
    assert two.run(program) == "None"


_MIX = "lib.Thing of tree dep_a (2.0) is not lib.Thing of tree dep_b (1.0)"


@pytest.mark.parametrize(
    ("failing", "said"),
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
def test_only_values_that_have_to_do_with_the_error_are_told_of(
    two: TreeWorld, place: str, failing: str, said: str
) -> None:
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
    assert two.run(program) == said
