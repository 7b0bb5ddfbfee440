"""What people read when a tree has no resolution."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from mvlock.errors import AnswerIsNo
from mvlock.lock.locking import LockOptions
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.target import host_target
from tests.lock.locked import NOW, lock, tree
from tests.resolver.universe import UPLOADED, Offer, Universe


@pytest.fixture
def universe() -> Universe:
    return Universe()


def refused(universe: Universe, request: TreeRequest | str, **settings: Any) -> AnswerIsNo:
    """The refusal of a tree, which is sure to come."""
    with pytest.raises(AnswerIsNo) as caught:
        lock(universe, request, **settings)
    return caught.value


def test_a_conflict_names_who_wants_what_inside_which_tree(universe: Universe) -> None:
    universe.publish("a", "1.0", requires=["b>=2"])
    universe.publish("c", "3.1", requires=["b<2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    error = refused(universe, tree("a", "c", name="web"))
    assert error.code == "conflict"
    assert error.message == "tree web cannot be resolved: a 1.0 needs b>=2, but c 3.1 needs b<2"
    assert error.hint is not None
    assert "trees of their own" in error.hint


def test_the_facts_of_a_conflict_still_conflict(universe: Universe) -> None:
    universe.publish("a", "1.0", requires=["b>=2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    facts = refused(universe, tree("a", "b<2")).facts
    assert facts["wants"] == [
        {"requirement": "b<2", "parent": None, "origin": "project.dependencies[1]", "via": []},
        {"requirement": "b>=2", "parent": "a 1.0", "origin": None, "via": []},
    ]


def test_several_versions_of_one_parent_are_told_as_one(universe: Universe) -> None:
    for version in ("1", "2", "3"):
        universe.publish("a", version, requires=["b>=2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    message = refused(universe, tree("a", "b<2", name="t")).message
    assert re.search(r"a 3, 2, 1 need b>=2", message)


def test_a_project_that_no_index_has(universe: Universe) -> None:
    universe.publish("a", "1", requires=["nope"])
    error = refused(universe, "a")
    assert (error.code, error.exit_code) == ("project-missing", 1)
    assert error.message == "tree a cannot be resolved: a 1 needs nope, but no index has a project nope"


def test_a_version_that_does_not_exist(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2")
    error = refused(universe, "a>4")
    assert error.code == "no-version"
    assert "project.dependencies[0] asks for a>4, but there is no such version; a has 1 to 2" in error.message


def test_a_version_for_other_pythons(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(python=">=3.13"))
    error = refused(universe, "a", python=">=3.12")
    assert error.code == "python-mismatch"
    assert "a 1 needs Python >=3.13" in error.message
    assert "(on Python 3.12, linux x86_64)" in error.message


def test_a_python_that_only_the_metadata_tells(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(python=">=3.13", page_python=False))
    assert refused(universe, "a").code == "python-mismatch"


def test_only_yanked_versions(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(yanked=""))
    error = refused(universe, "a>=1")
    assert (error.code, error.hint) == ("yanked-only", "pin it with == if it must be that one")


def test_only_versions_too_new_for_exclude_newer(universe: Universe) -> None:
    universe.publish("a", "1")
    error = refused(universe, "a", exclude_newer=UPLOADED - timedelta(days=1))
    assert (error.code, "a 1 was uploaded after exclude-newer" in error.message) == ("too-new", True)


def test_no_file_for_any_target(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=["cp39-cp39-win32"]))
    error = refused(universe, "a")
    assert error.code == "no-file"
    assert "a 1 has no wheel for cp312-manylinux_x86_64 and no sdist" in error.message


def test_no_file_for_the_one_target_that_was_asked_for(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=["cp312-cp312-win_amd64"]))
    options = LockOptions(now=NOW, targets=(host_target("3.12"),))
    assert refused(universe, "a", options=options).code == "no-file"


def test_only_an_sdist_while_building_is_off(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=(), sdist=True))
    assert "an sdist only and no-build is set" in refused(universe, "a", no_build=True).message


def test_only_md5(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(hashes={"md5": "0" * 32}))
    assert "gives no sha256 for the files of a 1" in refused(universe, "a").message


def test_only_prereleases_while_they_are_disallowed(universe: Universe) -> None:
    universe.publish("a", "1a1")
    assert refused(universe, tree("a", prereleases=Prereleases.DISALLOW)).code == "prerelease-only"


def test_only_releases_with_invalid_metadata(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(broken="metadata-invalid"))
    error = refused(universe, "a")
    assert error.code == "metadata-invalid"
    assert "a 1 cannot be used: a-1-py3-none-any.whl: Requires-Dist is nonsense" in error.message


def test_a_direct_reference_of_a_dependency_must_be_declared(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b @ https://example.invalid/b-1.tar.gz"])
    error = refused(universe, "a")
    assert error.code == "direct-reference"
    assert "[tool.mvlock.sources]" in error.message
