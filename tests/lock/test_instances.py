"""Which members of trees are one component."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given

from mvlock.lock.instances import Instance, instances
from mvlock.lock.model import Lock, LockedTree, TreePackage
from tests.lock.strategies import locks


def tree(name: str, **members: str) -> LockedTree:
    """A tree of ``project="version needs these"``."""
    packages = []
    for project, text in sorted(members.items()):
        version, *needs = text.split()
        packages.append(TreePackage(name=project, version=version, dependencies=tuple(needs)))
    return LockedTree(name=name, requires=(), packages=tuple(packages))


def shown(found: Iterable[Instance]) -> dict[str, tuple[list[str], list[str]]]:
    return {one.reference: (list(one.members), list(one.depends_on)) for one in found}


def test_what_is_equal_down_to_the_last_dependency_is_one() -> None:
    same, other = {"a": "1 b", "b": "1 c", "c": "1"}, {"a": "1 b", "b": "1 c", "c": "2"}
    assert shown(instances([tree("x", **same), tree("y", **same), tree("z", **other)])) == {
        "a@1#x": (["x", "y"], ["b@1#x"]),
        "a@1#z": (["z"], ["b@1#z"]),
        "b@1#x": (["x", "y"], ["c@1"]),
        "b@1#z": (["z"], ["c@2"]),
        "c@1": (["x", "y"], []),
        "c@2": (["z"], []),
    }


def test_a_circle_is_no_obstacle() -> None:
    circle = {"a": "1 b", "b": "1 a"}
    assert list(shown(instances([tree("x", **circle), tree("y", **circle)]))) == ["a@1", "b@1"]
    assert len(instances([tree("x", **circle), tree("y", **circle, c="1"), tree("z", a="1 b c", b="1 a", c="1")])) == 5


@given(locks())
def test_every_member_of_every_tree_is_in_one(lock: Lock) -> None:
    found = {(name, one.name, one.version) for one in instances(lock.trees) for name in one.members}
    assert found == {(tree.name, one.name, one.version) for tree in lock.trees for one in tree.packages}
