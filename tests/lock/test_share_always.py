"""share.always: one version in all trees, the newest that fits them, or a conflict that names the requirements."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from mvlock.errors import UnmetRequest
from mvlock.project.model import Sharing, TreeRequest
from tests.lock.locked import lock, pins, tree
from tests.resolver.universe import Universe


@pytest.fixture
def universe() -> Universe:
    """c in five versions, of which low, middle and high allow ranges."""
    universe = Universe()
    for version in ("1", "2", "3", "4", "5"):
        universe.publish("c", version)
    universe.publish("low", "1", requires=["c<4,!=3"])
    universe.publish("middle", "1", requires=["c>1,<5"])
    universe.publish("high", "1", requires=["c>=4"])
    universe.publish("lofty", "1", requires=["c!=2"])
    return universe


def always(name: str, *projects: str) -> TreeRequest:
    return tree(name, share=Sharing(always=frozenset(map(canonicalize_name, projects))))


def test_trees_get_the_newest_version_that_fits_all_of_them(universe: Universe) -> None:
    for unify in (True, False):
        locked = lock(universe, always("low", "c"), always("middle", "c"), always("c", "C"), unify=unify)
        assert [pins(locked, name)["c"] for name in ("low", "middle", "c")] == ["2", "2", "2"]
    locked = lock(universe, *(always(name, "c") for name in ("low", "lofty", "c")))
    assert [pins(locked, name)["c"] for name in ("low", "lofty", "c")] == ["1", "1", "1"]


def test_trees_without_the_setting_and_other_projects_are_not_concerned(universe: Universe) -> None:
    locked = lock(universe, always("low", "c"), always("middle", "c"), always("high", "other"))
    assert [pins(locked, name)["c"] for name in ("low", "middle", "high")] == ["2", "2", "5"]


def test_one_version_for_each_python(universe: Universe) -> None:
    universe.publish("early", "1", requires=["c<3; python_version < '3.12'"])
    locked = lock(universe, always("early", "c"), always("c", "c"), python=">=3.11,<3.13")
    markers = {item.version: item.marker for item in locked.trees[0].packages if item.name == "c"}
    assert markers == {"2": "python_version < '3.12'", "5": "python_version >= '3.12'"}


def test_without_a_common_version_it_is_a_conflict_that_names_the_setting(universe: Universe) -> None:
    with pytest.raises(UnmetRequest) as caught:
        lock(universe, always("low", "c"), always("high", "c"))
    output = str(caught.value)
    assert "tree high cannot be resolved" in output
    assert "share.always (tree low has 2) allows only c<=2" in output
    assert "c>=4" in output
    assert (caught.value.hint or "").startswith(
        "remove c from share.always, and this tree can have c 5; or set overrides"
    )
