"""The plan is a value: from receipts and the goal to steps."""

from __future__ import annotations

from mvlock.lock.model import LockedFile, LockedPackage
from mvlock.plan.compare import make_plan
from mvlock.plan.model import Action, Change, TreeStep, WantedDistribution, WantedTree
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt

PYTHON = "cpython 3.11.7 at /usr/bin/python3.11"


def wanted(tree: str, **versions: str) -> WantedTree:
    """A tree of distributions, ``name="version"``; the version is the identity too."""
    members = []
    for name, version in sorted(versions.items()):
        file = LockedFile(name=f"{name}-{version}-py3-none-any.whl", hashes={"sha256": "0"})
        members.append(WantedDistribution(LockedPackage(name=name, version=version, index="pypi"), file, version))
    return WantedTree(tree, tuple(members))


def receipt(tree: str, *, python: str = PYTHON, **versions: str) -> TreeReceipt:
    """The receipt of such a tree."""
    there = tuple(InstalledDistribution(name, version, version) for name, version in sorted(versions.items()))
    return TreeReceipt(tree, python, there)


def test_a_new_tree_is_created_with_all_it_holds() -> None:
    plan = make_plan([wanted("x", a="1", b="2")], {}, PYTHON)
    assert plan.steps == (TreeStep("x", Action.CREATE, added=("a 1", "b 2")),)


def test_an_equal_tree_is_kept_and_the_plan_is_empty() -> None:
    plan = make_plan([wanted("x", a="1")], {"x": receipt("x", a="1")}, PYTHON)
    assert plan.is_empty
    assert plan.of(Action.KEEP) == ("x",)


def test_differences_are_reported_one_by_one() -> None:
    plan = make_plan([wanted("x", a="2", b="1")], {"x": receipt("x", a="1", c="1")}, PYTHON)
    assert plan.steps == (TreeStep("x", Action.REPLACE, ("b 1",), (Change("a", "1", "2"),), ("c 1",)),)
    assert list(plan.lines()) == ["replace x", "  + b 1", "  ~ a 1 → 2", "  - c 1"]


def test_a_tree_that_is_no_longer_wanted_is_removed() -> None:
    plan = make_plan([], {"old": receipt("old", a="1")}, PYTHON)
    assert plan.steps == (TreeStep("old", Action.REMOVE, removed=("a 1",)),)


def test_other_trees_are_left_alone_on_request() -> None:
    plan = make_plan([wanted("x", a="1")], {"old": receipt("old", a="1")}, PYTHON, remove_others=False)
    assert plan.of(Action.REMOVE) == ()


def test_another_interpreter_means_another_tree() -> None:
    there = receipt("x", python="cpython 3.10.1 at /usr/bin/python3.10", a="1")
    (step,) = make_plan([wanted("x", a="1")], {"x": there}, PYTHON).steps
    assert step.action is Action.REPLACE
    assert step.reason == "was made for cpython 3.10.1 at /usr/bin/python3.10"


def test_a_tree_without_a_readable_receipt_is_replaced() -> None:
    (step,) = make_plan([wanted("x", a="1")], {"x": None}, PYTHON).steps
    assert (step.action, step.reason) == (Action.REPLACE, "its .mvlock.json cannot be read")


def test_steps_are_in_the_order_of_their_names() -> None:
    plan = make_plan([wanted("z"), wanted("b")], {"m": receipt("m"), "a": receipt("a")}, PYTHON)
    assert [step.tree for step in plan.steps] == ["a", "b", "m", "z"]
