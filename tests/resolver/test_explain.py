"""The message when a tree has no resolution."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from mvlock.errors import UnmetRequest
from mvlock.lock.options import LockOptions
from mvlock.project.model import Prereleases, TreeRequest
from mvlock.resolver.target import machine_target
from tests.lock.locked import NOW, constraints, lock, tree
from tests.resolver.universe import UPLOADED, Offer, Universe


@pytest.fixture
def universe() -> Universe:
    return Universe()


def error_of(universe: Universe, request: TreeRequest | str, **settings: Any) -> UnmetRequest:
    """The error for a tree, which is sure to come."""
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, request, **settings)
    return caught.value


def test_a_conflict_names_the_requirements_and_their_tree(universe: Universe) -> None:
    universe.publish("a", "1.0", requires=["b>=2"])
    universe.publish("c", "3.1", requires=["b<2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    error = error_of(universe, tree("a", "c", name="web"))
    assert error.code == "conflict"
    assert error.message.splitlines() == [
        "tree web cannot be resolved: a 1.0 needs b>=2, but c 3.1 needs b<2",
        "  in pyproject.toml: a (project.dependencies[0]), c (project.dependencies[1])",
    ]
    assert error.hint == (
        'put a and c into separate trees; or set overrides = ["b==2"] if that version is known to work'
    )


def test_the_facts_of_a_conflict_still_conflict(universe: Universe) -> None:
    universe.publish("a", "1.0", requires=["b>=2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    facts = error_of(universe, tree("a", "b<2")).facts
    assert [one["text"] for one in facts["proof"]] == [  # type: ignore[attr-defined]
        "project.dependencies[0] requires a",
        "project.dependencies[1] requires b<2",
        "a 1.0 needs b>=2",
    ]
    assert facts["lines"] == [
        {"origin": "project.dependencies[0]", "requirement": "a"},
        {"origin": "project.dependencies[1]", "requirement": "b<2"},
    ]


def test_several_versions_of_one_parent_are_reported_as_one(universe: Universe) -> None:
    for version in ("1", "2", "3"):
        universe.publish("a", version, requires=["b>=2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    message = error_of(universe, tree("a", "b<2", name="t")).message
    assert re.search(r"a 3, 2, 1 need b>=2", message)


def test_what_older_versions_need_is_said_of_those(universe: Universe) -> None:
    for version, needed in (("1", "b>=2"), ("2", "b>=3"), ("3", "b>=3")):
        universe.publish("a", version, requires=[needed])
    for version in ("1", "2", "3"):
        universe.publish("b", version)
    message = error_of(universe, tree("a", "b<2", name="t")).message
    assert re.search(r"a 3, 2, 1 need b>=3 or, in older ones, b>=2", message)


def test_a_project_that_no_index_has(universe: Universe) -> None:
    universe.publish("a", "1", requires=["nope"])
    error = error_of(universe, "a")
    assert (error.code, error.exit_code) == ("project-missing", 1)
    assert error.message.startswith("tree a cannot be resolved: a 1 needs nope, but no index has a project nope\n")


def test_a_version_that_does_not_exist(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2")
    error = error_of(universe, "a>4")
    assert error.code == "no-version"
    assert "project.dependencies[0] requires a>4, but there is no such version; a has 1 to 2" in error.message


def test_what_an_index_has_besides_is_said_where_a_version_is_missing(universe: Universe) -> None:
    universe.left_out = "left out of its page: malformed rows (3)"
    universe.publish("a", "1")
    message = error_of(universe, "a>4").message
    assert "there is no such version; a has 1 (left out of its page: malformed rows (3))" in message


def test_a_version_for_other_pythons(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(python=">=3.13"))
    error = error_of(universe, "a", python=">=3.12")
    assert error.code == "python-mismatch"
    assert "a 1 needs Python >=3.13" in error.message
    assert "(on Python 3.12, linux x86_64)" in error.message


def test_a_python_that_only_the_metadata_requires(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(python=">=3.13", page_python=False))
    error = error_of(universe, "a", python=">=3.12")
    assert error.code == "python-mismatch"
    assert "a 1 needs Python >=3.13" in error.message
    assert error.hint == "narrow requires-python ('>=3.12') in pyproject.toml, or require another version"


def test_only_yanked_versions(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(yanked=""))
    error = error_of(universe, "a>=1")
    assert (error.code, error.hint) == ("yanked-only", "if you need it anyway, pin it with == in pyproject.toml")


def test_only_versions_too_new_for_exclude_newer(universe: Universe) -> None:
    universe.publish("a", "1")
    error = error_of(universe, "a", exclude_newer=UPLOADED - timedelta(days=1))
    assert (error.code, "a 1 was uploaded after exclude-newer" in error.message) == ("too-new", True)


def test_no_file_for_any_target(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=["cp39-cp39-win32"]))
    error = error_of(universe, "a")
    assert error.code == "no-file"
    assert "a 1 has no wheel for cp312-manylinux_x86_64 and no sdist" in error.message


def test_no_file_for_the_only_target(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=["cp312-cp312-win_amd64"]))
    options = LockOptions(now=NOW, targets=(machine_target("3.12"),))
    assert error_of(universe, "a", options=options).code == "no-file"


def test_only_an_sdist_while_building_is_off(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=(), sdist=True))
    assert "has only an sdist, and building it is off" in error_of(universe, "a", no_build=True).message


def test_only_md5(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(hashes={"md5": "0" * 32}))
    assert "a 1 has no sha256 on its index" in error_of(universe, "a").message


def test_an_index_without_upload_times_cannot_be_used_with_exclude_newer(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(uploaded=None))
    error = error_of(universe, "a", exclude_newer=UPLOADED)
    assert error.code == "upload-time-missing"
    assert "a 1 has no upload time on its index, and exclude-newer is set" in error.message


def test_reasons_are_reported_one_by_one_and_only_for_required_versions(universe: Universe) -> None:
    for version, python in {"1": "<3", "2": "<3.5", "3": "<3", "4": ">=4"}.items():
        universe.publish("a", version, offer=Offer(python=python))
    message = "a 3 needs Python <3 (also 1), but a 2 needs Python <3.5"
    assert message in error_of(universe, "a<4").message


def test_only_prereleases_while_they_are_disallowed(universe: Universe) -> None:
    universe.publish("a", "1a1")
    assert error_of(universe, tree("a", prereleases=Prereleases.DISALLOW)).code == "prerelease-only"


def test_only_releases_with_invalid_metadata(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(broken="metadata-invalid"))
    error = error_of(universe, "a")
    assert error.code == "metadata-invalid"
    assert "a 1 cannot be used: a-1-py3-none-any.whl: Requires-Dist is nonsense" in error.message


def test_a_direct_reference_of_a_dependency_must_be_declared(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b @ https://example.invalid/b-1.tar.gz"])
    error = error_of(universe, "a")
    assert error.code == "direct-reference"
    assert "a 1 needs b @ https://example.invalid/b-1.tar.gz, a direct reference" in error.message
    assert error.hint == "declare this source in [tool.mvlock.sources]"


def test_a_constraint_of_the_tree_is_the_other_side_of_a_conflict(universe: Universe) -> None:
    for version in ("7.0", "8.1"):
        universe.publish("click", version)
    universe.publish("flask", "2.2.5", requires=["click>=8.0"])
    limited = tree("flask", constraints=constraints("click<8", at=("tool", "mvlock", "trees", "flask", "constraints")))
    error = error_of(universe, limited)
    assert error.code == "conflict"
    assert error.message.splitlines() == [
        "tree flask cannot be resolved: flask 2.2.5 needs click>=8.0, "
        "but tool.mvlock.trees.flask.constraints[0] allows only click<8",
        "  in pyproject.toml: flask (project.dependencies[0]), click<8 (tool.mvlock.trees.flask.constraints[0])",
    ]
    assert error.hint == (
        'loosen "click<8" (tool.mvlock.trees.flask.constraints[0]) to allow click 8.1; '
        'or set overrides = ["click==7.0"] if that version is known to work'
    )


def test_an_indirect_conflict_is_reported_from_the_top(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b"])
    universe.publish("b", "1", requires=["d>=2"])
    universe.publish("c", "1", requires=["e"])
    universe.publish("e", "1", requires=["d<2"])
    for version in ("1", "2"):
        universe.publish("d", version)
    error = error_of(universe, tree("a", "c", name="t"))
    assert error.message.splitlines() == [
        "tree t cannot be resolved: these cannot all be met:",
        "  a 1 needs b",
        "  c 1 needs e",
        "  b 1 needs d>=2",
        "  e 1 needs d<2",
        "  in pyproject.toml: a (project.dependencies[0]), c (project.dependencies[1])",
    ]


def test_trees_of_their_own_are_advised_only_where_they_help(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c>=2", "c<2"])
    universe.publish("b", "1", requires=["c"])
    universe.publish("c", "1")
    universe.publish("c", "2")
    error = error_of(universe, tree("a", "b", name="t"))
    assert "of their own" not in (error.hint or "")
    assert "overrides" in (error.hint or "")


def test_a_range_that_would_do_is_advised(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c<2"])
    universe.publish("a", "2", requires=["c"])
    universe.publish("c", "1")
    universe.publish("c", "2")
    error = error_of(universe, tree("a<2", "c>=2", name="t"))
    assert "require another a: 2 would work (project.dependencies[0])" in (error.hint or "")


def test_a_name_that_is_nearly_one_that_exists(universe: Universe) -> None:
    assert error_of(universe, "reqeusts").hint == "did you mean requests?"
    assert error_of(universe, "sklearn").hint == "did you mean scikit-learn?"
    assert error_of(universe, "qwertyuiop").hint is None


def test_what_was_tried_in_vain_is_left_out_of_the_explanation(universe: Universe) -> None:
    for version in ("1", "2", "3"):
        universe.publish("x", version, requires=["y"])
        universe.publish("y", version)
    universe.publish("a", "1", requires=["b>=2", "x"])
    universe.publish("b", "1")
    assert "x" not in {one.get("project") for one in error_of(universe, "a").facts["proof"]}  # type: ignore[attr-defined]


def test_an_override_that_some_python_cannot_have_is_no_advice(universe: Universe) -> None:
    universe.publish("num", "1")
    universe.publish("num", "2", offer=Offer(python=">=3.12"))
    universe.publish("plugin", "1", requires=["num==1", "num>=2"])
    advice = error_of(universe, tree("plugin"), python=">=3.11,<3.13").hint or ""
    assert "num==2" not in advice
    assert "num==1" in advice
