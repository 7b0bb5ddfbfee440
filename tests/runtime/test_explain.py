"""An error that came of mixing two versions is explained."""

from __future__ import annotations

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
