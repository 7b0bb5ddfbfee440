"""What ``direct_url.json`` says, for every origin that a lock can have."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from msgspec.structs import fields, replace

from mvlock.environment.direct_url import direct_url
from mvlock.lock.model import LockedPackage
from mvlock.plan.model import WantedDistribution, WantedTree
from tests.lock.strategies import PACKAGES


def _with_relative_path(package: LockedPackage) -> LockedPackage:
    """The same, with an ordinary path where its origin has one."""
    for field in fields(package):
        if getattr(getattr(package, field.name), "path", None) is not None:
            return replace(package, **{field.name: replace(getattr(package, field.name), path="libs/a")})
    return package


@given(PACKAGES)
def test_what_is_not_from_an_index_says_where_it_came_from(package: LockedPackage) -> None:
    assert (direct_url(_with_relative_path(package), Path("/project")) is None) == (package.index is not None)


@given(PACKAGES)
def test_a_tree_is_recreated_after_a_move_if_it_says_where_the_project_was(package: LockedPackage) -> None:
    package = _with_relative_path(package)
    here, there = (direct_url(package, Path(folder)) for folder in ("/here", "/there"))
    tree = WantedTree("t", (WantedDistribution(package, None, "identity"),))
    assert tree.records_its_path == (here != there)
