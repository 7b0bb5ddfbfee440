"""Which trees and files one interpreter gets from a lock."""

from __future__ import annotations

from typing import Any

import pytest

from mvlock.errors import BadArtifact, UnmetRequest
from mvlock.lock.model import Lock, LockedFile, LockedPackage, LockedTree, LockedWish, TreePackage
from mvlock.plan.select import Selection, wanted_trees
from mvlock.plan.tags import best_wheel, tag_ranks
from mvlock.resolver.target import Target

TARGET = Target(
    "cp311-linux",
    {"python_full_version": "3.11.7", "python_version": "3.11", "sys_platform": "linux", "os_name": "posix"},
    ("cp311-cp311-manylinux_2_17_x86_64", "cp311-abi3-manylinux_2_17_x86_64", "py3-none-any"),
)


def file(name: str, **hashes: str) -> LockedFile:
    return LockedFile(name=name, hashes=hashes or {"sha256": "0" * 64})


def package(name: str, *files: str) -> LockedPackage:
    wheels = tuple(file(item) for item in files if item.endswith(".whl"))
    sdist = next((file(item) for item in files if not item.endswith(".whl")), None)
    return LockedPackage(name=name, version="1", index="pypi", wheels=wheels, sdist=sdist)


def lock(*trees: LockedTree, packages: tuple[LockedPackage, ...] = (), python: str = ">=3.10", **values: Any) -> Lock:
    return Lock(inputs="sha256:" + "0" * 64, requires_python=python, trees=trees, packages=packages, **values)


def tree(name: str, *members: TreePackage, **values: Any) -> LockedTree:
    return LockedTree(name=name, requires=(name,), packages=members, **values)


def names(locked: Lock, selection: Selection) -> list[str]:
    return [found.name for found in wanted_trees(locked, TARGET, selection)]


def test_the_most_specific_wheel_wins_then_the_highest_build() -> None:
    wheels = [
        file("a-1-py3-none-any.whl"),
        file("a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        file("a-1-2-cp311-cp311-manylinux_2_17_x86_64.whl"),
        file("a-1-10-cp311-cp311-manylinux_2_17_x86_64.whl"),
        file("a-1-cp312-cp312-manylinux_2_17_x86_64.whl"),
    ]
    found = best_wheel(wheels, tag_ranks(TARGET.tags))
    assert found is not None
    assert found.name == "a-1-10-cp311-cp311-manylinux_2_17_x86_64.whl"


def test_without_a_fitting_wheel_the_source_is_taken() -> None:
    locked = lock(
        tree("a", TreePackage(name="a", version="1")),
        packages=(package("a", "a-1-cp39-cp39-win32.whl", "a-1.tar.gz"),),
    )
    (found,) = wanted_trees(locked, TARGET, Selection())
    assert [item.file.name if item.file else None for item in found.distributions] == ["a-1.tar.gz"]


def test_what_fits_nothing_is_refused_by_name() -> None:
    locked = lock(tree("a", TreePackage(name="a", version="1")), packages=(package("a", "a-1-cp39-cp39-win32.whl"),))
    with pytest.raises(UnmetRequest, match="a 1 has no wheel for cp311-linux and no sdist") as caught:
        wanted_trees(locked, TARGET, Selection())
    assert caught.value.code == "artifact-missing"


def test_a_source_is_not_built_where_building_is_off() -> None:
    locked = lock(tree("a", TreePackage(name="a", version="1")), packages=(package("a", "a-1.tar.gz"),))
    with pytest.raises(UnmetRequest, match="building is off"):
        wanted_trees(locked, TARGET, Selection(no_build=True))


def test_what_is_built_within_other_constraints_is_not_the_same() -> None:
    members = (TreePackage(name="a", version="1"), TreePackage(name="b", version="1"))
    locked = lock(tree("a", *members), packages=(package("a", "a-1.tar.gz"), package("b", "b-1-py3-none-any.whl")))

    def identities(*constraints: str) -> list[str]:
        (found,) = wanted_trees(locked, TARGET, Selection(build_constraints=constraints))
        return [item.identity for item in found.distributions]

    plain, limited = identities(), identities("setuptools<70")
    assert [one == other for one, other in zip(plain, limited, strict=True)] == [False, True]


def test_a_file_without_sha256_is_refused() -> None:
    weak = LockedPackage(name="a", version="1", index="pypi", wheels=(file("a-1-py3-none-any.whl", md5="0"),))
    locked = lock(tree("a", TreePackage(name="a", version="1")), packages=(weak,))
    with pytest.raises(BadArtifact) as caught:
        wanted_trees(locked, TARGET, Selection())
    assert caught.value.code == "hash-missing"


def test_members_follow_their_markers() -> None:
    members = (
        TreePackage(name="a", version="1", marker="sys_platform == 'linux'"),
        TreePackage(name="b", version="1", marker="sys_platform == 'win32'"),
    )
    wheels = (package("a", "a-1-py3-none-any.whl"), package("b", "b-1-py3-none-any.whl"))
    (found,) = wanted_trees(lock(tree("a", *members), packages=wheels), TARGET, Selection())
    assert [item.package.name for item in found.distributions] == ["a"]


def test_what_the_tree_requires_is_marked_as_requested() -> None:
    members = (TreePackage(name="a", version="1"), TreePackage(name="b", version="1"))
    wheels = (package("a", "a-1-py3-none-any.whl"), package("b", "b-1-py3-none-any.whl"))
    (found,) = wanted_trees(lock(tree("a", *members), packages=wheels), TARGET, Selection())
    assert [(item.package.name, item.requested) for item in found.distributions] == [("a", True), ("b", False)]


def test_trees_of_groups_and_extras_come_on_request() -> None:
    locked = lock(tree("a"), tree("d", always=False, groups=("dev",)), tree("e", always=False, extras=("more",)))
    assert names(locked, Selection()) == ["a"]
    assert names(locked, Selection(groups=frozenset({"dev"}))) == ["a", "d"]
    assert names(locked, Selection(extras=frozenset({"more"}))) == ["a", "e"]
    assert names(locked, Selection(only=frozenset({"e"}))) == ["e"]


def test_an_interpreter_the_lock_does_not_allow_is_refused() -> None:
    with pytest.raises(UnmetRequest) as caught:
        wanted_trees(lock(tree("a"), python=">=3.12"), TARGET, Selection())
    assert caught.value.code == "python-not-admitted"


def test_an_environment_that_was_not_locked_is_refused() -> None:
    with pytest.raises(UnmetRequest) as caught:
        wanted_trees(lock(tree("a"), environments=("sys_platform == 'win32'",)), TARGET, Selection())
    assert caught.value.code == "environment-not-locked"


def test_the_marker_of_each_reason_counts_only_for_that_reason() -> None:
    windows, linux = "sys_platform == 'win32'", "sys_platform == 'linux'"
    wishes = {
        "base": [{"marker": windows}, {"extra": "base"}],
        "two": [{"extra": "base", "marker": windows}, {"extra": "other", "marker": linux}],
        "dev": [{"marker": windows}, {"group": "dev", "marker": linux}],
        "here": [{"marker": linux}, {"extra": "base"}],
    }
    locked = lock(
        *(tree(name, wishes=tuple(LockedWish(**value) for value in values)) for name, values in wishes.items())
    )
    assert names(locked, Selection()) == ["here"]
    assert names(locked, Selection(extras=frozenset({"base"}))) == ["base", "here"]
    assert names(locked, Selection(extras=frozenset({"other"}))) == ["here", "two"]
    assert names(locked, Selection(groups=frozenset({"dev"}))) == ["dev", "here"]
