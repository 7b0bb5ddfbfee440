"""A direct dependency that a framework, also a direct dependency, has in another version."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.lock.locked import Notes, from_group, lock, pins, tree
from tests.resolver.universe import UPLOADED, Offer, Universe


@pytest.fixture
def universe() -> Universe:
    """A framework of old models, one of new ones, one that has them only by another, and both models."""
    universe = Universe()
    for version in ("1", "1.5", "2.0.0", "2.1"):
        universe.publish("models", version)
    universe.publish("old", "1", requires=["models>=1,!=1.2,<2.0.0"])
    universe.publish("new", "1", requires=["models>=2"])
    universe.publish("far", "1", requires=["old"])
    return universe


def mix_notes(universe: Universe, *trees: object, **settings: object) -> list[str]:
    """The notes on two versions of a library, for a project with these trees."""
    notes = Notes()
    lock(universe, *trees, reporter=notes, **settings)  # type: ignore[arg-type]
    return [note for note in notes.notes if "do not mix" in note]


NOTE = "old's tree has models 1.5, the application 2.1: objects of the two do not mix"


def test_the_reported_requirement_makes_it_one_version(universe: Universe) -> None:
    assert mix_notes(universe, "old", "models") == [f'{NOTE}; "models<2" makes it one version']
    assert mix_notes(universe, "old", "models<2") == []
    locked = lock(universe, "old", "models<2")
    assert [pins(locked, name)["models"] for name in ("models", "old")] == ["1.5", "1.5"]


@pytest.mark.parametrize(
    ("late", "advice"), [(0, '; "models>=2.2" in place of "models<2" makes it one version'), (1, "")]
)
def test_a_version_that_is_too_new_for_the_application_is_no_remedy(universe: Universe, late: int, advice: str) -> None:
    universe.publish("models", "2.2", offer=Offer(uploaded=UPLOADED + timedelta(days=late)))
    universe.publish("newest", "1", requires=["models>=2.2"])
    library = tree("models<2", exclude_newer=UPLOADED)
    assert mix_notes(universe, "newest", library) == [
        f"newest's tree has models 2.2, the application 1.5: objects of the two do not mix{advice}"
    ]


def test_what_a_framework_has_only_by_another_one_does_not_count(universe: Universe) -> None:
    assert mix_notes(universe, "far", "models") == []
    assert mix_notes(universe, "far", "new") == []


def test_a_requirement_of_the_application_that_forbids_it_would_have_to_go(universe: Universe) -> None:
    assert mix_notes(universe, "old", "models>=2") == [
        f'{NOTE}; "models<2" in place of "models>=2" makes it one version'
    ]
    assert mix_notes(universe, "old", "models!=1.2")[0].endswith('"models<2" makes it one version')


def test_a_bound_that_would_give_yet_another_version_is_no_remedy(universe: Universe) -> None:
    universe.publish("holds", "1", requires=["models<1.2"])
    universe.publish("framed", "1", requires=["models<2", "holds"])
    assert mix_notes(universe, "framed", "models") == [
        "framed's tree has models 1, the application 2.1: objects of the two do not mix; "
        '"models==1" makes it one version'
    ]


def test_frameworks_with_the_same_version_get_one_remedy(universe: Universe) -> None:
    universe.publish("older", "1", requires=["models==1.*"])
    trees = "the trees of old and older have models 1.5, the application 2.1"
    assert mix_notes(universe, "old", "older", "models") == [
        f'{trees}: objects of the two do not mix; "models<2" makes it one version'
    ]
    assert mix_notes(universe, "old", "older", "models<2") == []


def test_where_two_frameworks_differ_nothing_makes_it_one(universe: Universe) -> None:
    assert mix_notes(universe, "old", "new", "models") == [NOTE]


def test_where_the_library_shares_its_tree_nothing_is_certain(universe: Universe) -> None:
    universe.publish("plugin", "1", requires=["models>=2"])
    assert mix_notes(universe, "old", tree("models", "plugin", name="both")) == [NOTE]


def test_a_name_of_the_applications_own_for_another_version_is_no_mix(universe: Universe) -> None:
    assert mix_notes(universe, "old", tree("models", name="models_new", alias="models_new")) == []


def test_of_several_lines_the_one_in_the_way_is_replaced(universe: Universe) -> None:
    lines = tree("models!=1.2", "models<3", "models>=2", name="models")
    assert mix_notes(universe, "old", lines) == [f'{NOTE}; "models<2" in place of "models>=2" makes it one version']
    assert mix_notes(universe, "old", tree("models>=2", "models>1.9", name="models")) == [NOTE]


def test_a_line_of_a_group_that_decides_is_named_with_its_place(universe: Universe) -> None:
    lines = from_group(tree("models", "models==1.5"))
    assert mix_notes(universe, "new", lines) == [
        'new\'s tree has models 2.1, the application 1.5 ("models==1.5" in dependency-groups.dev): '
        'objects of the two do not mix; "models>=2" in place of "models==1.5" makes it one version'
    ]
