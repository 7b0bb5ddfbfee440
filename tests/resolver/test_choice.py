"""Which versions a tree gets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.utils import canonicalize_name

from mvlock.codes import Code
from mvlock.errors import BadArtifact, UnmetRequest
from mvlock.project.model import PathSource, Prereleases
from tests.lock.locked import constraints, lock, pins, the_tree, tree
from tests.resolver.universe import UPLOADED, Offer, Universe


@pytest.fixture
def universe() -> Universe:
    return Universe()


def test_the_newest_version_that_fits_all_requirements_is_chosen(universe: Universe) -> None:
    universe.publish("a", "1.0", requires=["b>=2"])
    universe.publish("c", "1.0", requires=["b<3"])
    for version in ("1.0", "2.0", "2.10", "2.9", "3.0"):
        universe.publish("b", version)
    assert pins(lock(universe, tree("a", "c"))) == {"a": "1.0", "b": "2.10", "c": "1.0"}


def test_a_newer_version_is_given_up_when_what_it_needs_conflicts(universe: Universe) -> None:
    universe.publish("a", "2.0", requires=["b>=2"])
    universe.publish("a", "1.0", requires=["b>=1"])
    universe.publish("b", "2.0")
    universe.publish("b", "1.0")
    assert pins(lock(universe, tree("a", "b<2"))) == {"a": "1.0", "b": "1.0"}


def test_trees_are_resolved_separately(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c==1"])
    universe.publish("b", "1", requires=["c==2"])
    universe.publish("c", "1")
    universe.publish("c", "2")
    locked = lock(universe, "a", "b")
    assert (pins(locked, "a")["c"], pins(locked, "b")["c"]) == ("1", "2")


def test_an_extra_brings_its_requirements(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b; extra == 'fast'", "c; extra == 'slow'"])
    universe.publish("b", "1")
    universe.publish("c", "1")
    assert pins(lock(universe, "a[FAST]")) == {"a": "1", "b": "1"}


def test_an_extra_may_be_made_of_other_extras_of_the_same_project(universe: Universe) -> None:
    universe.publish("a", "1", requires=["a[x,y]; extra == 'all'", "b; extra == 'x'", "c; extra == 'y'"])
    universe.publish("b", "1")
    universe.publish("c", "1")
    locked = lock(universe, "a[all]")
    assert pins(locked) == {"a": "1", "b": "1", "c": "1"}
    assert locked.trees[0].packages[0].dependencies == ("b", "c")


def test_an_extra_and_its_project_have_one_version(universe: Universe) -> None:
    universe.publish("a", "2", requires=["b; extra == 'x'"])
    universe.publish("a", "1", requires=["c; extra == 'x'"])
    universe.publish("b", "1")
    universe.publish("c", "1")
    universe.publish("d", "1", requires=["a<2"])
    assert pins(lock(universe, tree("d", "a[x]"))) == {"a": "1", "c": "1", "d": "1"}


def test_an_earlier_choice_of_an_extra_is_revised(universe: Universe) -> None:
    for version in ("1", "2", "3"):
        universe.publish("b", version)
    universe.publish("c", "1", requires=["b[x]", "d<2"])
    universe.publish("d", "1", requires=["b[x]<2"])
    universe.publish("d", "2")
    assert pins(lock(universe, "c")) == {"b": "1", "c": "1", "d": "1"}


def test_what_is_forgotten_while_it_does_not_fit_is_wanted_again(universe: Universe) -> None:
    for version, requires in (("1", []), ("2", ["c<2"]), ("3", [])):
        universe.publish("a", version, requires=requires)
    universe.publish("c", "1")
    universe.publish("c", "2", requires=["a[x]", "a==2"])
    assert pins(lock(universe, "c")) == {"c": "1"}


def test_markers_with_and_without_extras_are_evaluated_for_the_target(universe: Universe) -> None:
    requires = ["b; python_version < '3'", "c; extra == 'x' and sys_platform == 'atari'", "d; os_name != 'ce'"]
    universe.publish("a", "1", requires=requires)
    universe.publish("d", "1")
    assert pins(lock(universe, "a[x]")) == {"a": "1", "d": "1"}


def test_a_yanked_version_is_chosen_only_by_an_exact_pin(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(yanked="broken"))
    assert pins(lock(universe, "a")) == {"a": "1"}
    assert pins(lock(universe, "a>=1")) == {"a": "1"}
    assert pins(lock(universe, "a==2")) == {"a": "2"}
    assert pins(lock(universe, "a===2")) == {"a": "2"}


def test_a_prerelease_is_chosen_where_no_final_release_fits(universe: Universe) -> None:
    universe.publish("a", "1.0")
    universe.publish("a", "2.0b1")
    assert pins(lock(universe, "a")) == {"a": "1.0"}
    assert pins(lock(universe, "a>1")) == {"a": "2.0b1"}
    assert pins(lock(universe, "a>=2.0a1")) == {"a": "2.0b1"}
    assert pins(lock(universe, "a>=1.0a1")) == {"a": "1.0"}


def test_an_older_final_release_of_another_project_is_better_than_a_prerelease(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c<2"])
    universe.publish("a", "2b1", requires=["c<3"])
    universe.publish("b", "1", requires=["c<2"])
    universe.publish("b", "2", requires=["c>=2"])
    universe.publish("c", "1")
    universe.publish("c", "2")
    assert pins(lock(universe, tree("b", "a"))) == {"a": "1", "b": "1", "c": "1"}
    assert pins(lock(universe, tree("b>=2", "a"))) == {"a": "2b1", "b": "2", "c": "2"}


def test_a_prerelease_is_found_if_the_final_release_conflicts(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c==2"])
    universe.publish("b", "1", requires=["c==1"])
    universe.publish("b", "2b1")
    universe.publish("c", "1")
    universe.publish("c", "2")
    assert pins(lock(universe, tree("a", "b"))) == {"a": "1", "b": "2b1", "c": "2"}


def test_a_final_release_that_no_target_can_install_does_not_keep_prereleases_out(universe: Universe) -> None:
    universe.publish("a", "1.0", offer=Offer(python="<3"))
    universe.publish("a", "2.0b1")
    assert pins(lock(universe, "a")) == {"a": "2.0b1"}


def test_prereleases_can_be_allowed_everywhere(universe: Universe) -> None:
    universe.publish("a", "1.0")
    universe.publish("a", "2.0b1")
    assert pins(lock(universe, tree("a", prereleases=Prereleases.ALLOW))) == {"a": "2.0b1"}


def test_a_constraint_limits_what_is_needed_and_brings_nothing_in(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    limited = tree("a", constraints=constraints("b<2", "c==1"))
    assert pins(lock(universe, limited)) == {"a": "1", "b": "1"}


def test_an_override_replaces_what_dependencies_say(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b<2"])
    universe.publish("b", "1")
    universe.publish("b", "2")
    assert pins(lock(universe, tree("a", overrides=constraints("b==2")))) == {"a": "1", "b": "2"}


def test_files_uploaded_after_exclude_newer_do_not_exist(universe: Universe) -> None:
    late = UPLOADED + timedelta(days=10)
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(uploaded=late))
    universe.publish("a", "3", offer=Offer(uploaded=None))
    assert pins(lock(universe, "a", exclude_newer=late - timedelta(seconds=1))) == {"a": "1"}
    assert pins(lock(universe, "a", exclude_newer=late)) == {"a": "2"}
    assert pins(lock(universe, "a")) == {"a": "3"}


def test_requires_python_counts_on_the_page_and_in_the_metadata(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(python=">=3.14", page_python=False))
    universe.publish("a", "3", offer=Offer(python=">=3.14"))
    assert pins(lock(universe, "a")) == {"a": "1"}


def test_a_release_with_invalid_metadata_is_passed_over(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(broken="metadata-invalid"))
    assert pins(lock(universe, "a")) == {"a": "1"}


@pytest.mark.parametrize("code", ["build-failed", "hash-mismatch"])
def test_a_failure_that_the_reader_should_know_of_is_not_passed_over(universe: Universe, code: Code) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(broken=code))
    with pytest.raises(BadArtifact):
        lock(universe, "a")


def test_an_sdist_will_do_unless_building_is_off(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(tags=(), sdist=True))
    assert pins(lock(universe, "a")) == {"a": "2"}
    assert pins(lock(universe, "a", no_build=True)) == {"a": "1"}


def test_a_file_with_only_md5_is_ignored(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(hashes={"md5": "0" * 32}))
    assert pins(lock(universe, "a")) == {"a": "1"}


def test_a_source_replaces_the_index_for_its_project(universe: Universe) -> None:
    source = PathSource(Path("/libs/dep"), "../libs/dep")
    universe.publish("dep", "9")
    universe.publish("b", "1")
    universe.provide(source, "dep", "1.0.dev0", requires=["b"])
    locked = lock(universe, "dep", sources={canonicalize_name("dep"): source})
    assert pins(locked) == {"b": "1", "dep": "1.0.dev0"}
    assert "dep" not in universe.reads


def test_epochs_locals_and_posts_are_ordered_as_pep_440_says(universe: Universe) -> None:
    for version in ("2.0", "2.0.post1", "2.0.post1+cpu", "1!0.5", "3.0.dev1"):
        universe.publish("a", version)
    assert pins(lock(universe, "a")) == {"a": "1!0.5"}
    assert pins(lock(universe, "a<1!0")) == {"a": "2.0.post1+cpu"}
    assert pins(lock(universe, "a==2.0")) == {"a": "2.0"}


def test_metadata_of_versions_that_are_not_tried_is_not_read(universe: Universe) -> None:
    for version in range(50):
        universe.publish("a", str(version), requires=["b"])
    universe.publish("b", "1")
    lock(universe, "a")
    assert sorted(set(universe.reads)) == [
        "a",
        "a-49-py3-none-any.whl",
        "a-49-py3-none-any.whl!",
        "b",
        "b-1-py3-none-any.whl",
    ]


def test_settings_of_a_tree_are_its_own(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2")
    old = replace(tree("a", name="old", alias="old", module="a"), constraints=constraints("a<2"))
    locked = lock(universe, tree("a"), old)
    assert (pins(locked, "a"), pins(locked, "old")) == ({"a": "2"}, {"a": "1"})


def test_a_yanked_version_needs_a_pin_of_the_project_itself(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b==1"])
    universe.publish("b", "1", offer=Offer(yanked="broken"))
    with pytest.raises(UnmetRequest, match="a 1 needs b==1, but b 1 is yanked"):
        lock(universe, "a")
    assert pins(lock(universe, tree("a", constraints=constraints("b==1")))) == {"a": "1", "b": "1"}


def test_a_pin_of_a_direct_reference_is_the_projects_own(universe: Universe) -> None:
    """As in uv: a pin in the user's own folder is intended."""
    here, there = PathSource(Path("/libs/a"), "../libs/a", editable=True), PathSource(Path("/libs/c"), "../libs/c")
    universe.provide(here, "a", "1", requires=["c", "d==1"])
    universe.provide(there, "c", "1", requires=["b==1", "e==1"])
    for name in ("b", "d"):
        universe.publish(name, "2")
        universe.publish(name, "1", offer=Offer(yanked="broken"))
    universe.publish("e", "1", offer=Offer(python=">=3.8,<3.12"))
    sources = {canonicalize_name("a"): here, canonicalize_name("c"): there}
    assert pins(lock(universe, "a", sources=sources)) == {"a": "1", "b": "1", "c": "1", "d": "1", "e": "1"}


def test_a_pin_allows_what_is_yanked_only_where_its_marker_is_true(universe: Universe) -> None:
    universe.publish("b", "1")
    universe.publish("b", "2", offer=Offer(yanked="broken"))
    requested = tree("b", "b==2; sys_platform == 'win32'")
    assert pins(lock(universe, requested)) == {"b": "1|2"}
    (pinned,) = [one for one in the_tree(lock(universe, requested)).packages if one.version == "2"]
    assert pinned.marker == "sys_platform == 'win32'"


def test_a_range_of_a_direct_reference_allows_nothing_that_is_yanked(universe: Universe) -> None:
    here = PathSource(Path("/libs/a"), "../libs/a")
    universe.provide(here, "a", "1", requires=["b>=1", "c"])
    universe.publish("c", "1", requires=["d==1"])
    universe.publish("b", "1", offer=Offer(yanked="broken"))
    sources = {canonicalize_name("a"): here}
    with pytest.raises(UnmetRequest, match="b 1 is yanked"):
        lock(universe, "a", sources=sources)
    universe.publish("b", "2")
    universe.publish("d", "1", offer=Offer(yanked="broken"))
    with pytest.raises(UnmetRequest, match="c 1 needs d==1, but d 1 is yanked"):
        lock(universe, "a", sources=sources)


def test_an_upper_bound_of_python_does_not_stand_against_a_pin_of_the_project_itself(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(python=">=3.8,<3.12"))
    universe.publish("b", "1", offer=Offer(python=">=3.13"))
    assert pins(lock(universe, "a==1")) == {"a": "1"}
    for requirement in ("a", "b==1"):
        with pytest.raises(UnmetRequest, match="needs Python"):
            lock(universe, requirement)
