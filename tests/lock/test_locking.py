"""From a project to its lock."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from packaging.markers import Marker
from packaging.utils import NormalizedName, canonicalize_name

from mvlock.errors import LocalError, UnmetRequest
from mvlock.lock.lockfile import format_lock
from mvlock.lock.locking import is_current
from mvlock.lock.model import LockedArchive, LockedDirectory, LockedVcs
from mvlock.lock.options import LockOptions
from mvlock.project.model import GitSource, PathSource, Source, UrlSource
from mvlock.resolver.ports import DirectReference
from mvlock.resolver.target import machine_target
from tests.lock.locked import NOW, OPTIONS, Notes, all_targets, at, constraints, lock, pins, project, the_tree, tree
from tests.resolver.universe import Offer, Universe

DEP, C = canonicalize_name("dep"), canonicalize_name("c")
GIT, ZIP = "https://example.invalid/d.git", "https://example.invalid/d.zip"


@pytest.fixture
def universe() -> Universe:
    return Universe()


def markers(universe: Universe, requirement: str, python: str = ">=3.10") -> dict[str, str | None]:
    """``name version`` to marker in the tree of one requirement."""
    (found,) = lock(universe, requirement, python=python).trees
    return {f"{member.name} {member.version}": member.marker for member in found.packages}


def test_what_is_needed_everywhere_has_no_marker(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b; sys_platform == 'win32'", "c"])
    universe.publish("b", "1")
    universe.publish("c", "1")
    assert markers(universe, "a") == {"a 1": None, "b 1": "sys_platform == 'win32'", "c 1": None}


def test_every_python_gets_the_newest_version_it_can_have(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(python=">=3.11"))
    universe.publish("a", "3", offer=Offer(python=">=3.13"))
    assert markers(universe, "a") == {
        "a 1": "python_version < '3.11'",
        "a 2": "python_version >= '3.11' and python_version < '3.13'",
        "a 3": "python_version >= '3.13'",
    }


def test_what_one_platform_has_to_put_up_with_does_not_hold_back_an_older_python(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(tags=["py3-none-manylinux_2_17_x86_64"]))
    universe.publish("a", "3", offer=Offer(tags=["py3-none-manylinux_2_17_x86_64"], python=">=3.12"))
    assert markers(universe, "a", ">=3.11")["a 2"] == (
        "python_version < '3.12' and sys_platform == 'linux' and platform_machine == 'x86_64'"
    )


def test_patch_releases_are_distinguished_where_a_marker_does(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b; python_full_version < '3.11.3'", "c; python_full_version == '3.12.1'"])
    universe.publish("b", "1")
    universe.publish("c", "1")
    assert markers(universe, "a", ">=3.11") == {
        "a 1": None,
        "b 1": "python_full_version < '3.11.3'",
        "c 1": "python_full_version >= '3.12.1' and python_full_version < '3.12.2'",
    }
    assert markers(universe, "a", ">=3.11.3") == {
        "a 1": None,
        "c 1": "python_full_version >= '3.12.1' and python_full_version < '3.12.2'",
    }


def test_a_platform_without_a_wheel_of_the_newest_version_gets_an_older_one(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(tags=["py3-none-manylinux_2_17_x86_64", "py3-none-macosx_11_0_arm64"]))
    locked = lock(universe, "a", python=">=3.12")
    versions = {target.name: at(locked, target)["a"] for target in all_targets("==3.12.*")}
    assert {name for name, version in versions.items() if version == "2"} == {
        "cp312-manylinux_x86_64",
        "cp312-musllinux_x86_64",
        "cp312-macosx_arm64",
    }


def test_a_dependency_of_another_python_is_still_the_same_version_where_it_can_be(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b", "c<2; python_version < '3.12'"])
    universe.publish("b", "1", requires=["c"])
    universe.publish("c", "1")
    universe.publish("c", "2")
    assert markers(universe, "a")["c 1"] == "python_version < '3.12'"
    assert markers(universe, "a")["c 2"] == "python_version >= '3.12'"


def test_a_target_without_any_file_is_reported_and_gets_what_the_others_have(universe: Universe) -> None:
    universe.publish("a", "1", offer=Offer(tags=["py3-none-manylinux_2_17_x86_64"]))
    notes = Notes()
    locked = lock(universe, "a", reporter=notes)
    assert pins(locked) == {"a": "1"}
    (note,) = notes.notes
    assert note.startswith("a 1 has no file for macosx_arm64 (cp312), macosx_x86_64 (cp312)")
    assert "manylinux_x86_64" not in note


def test_targets_that_cannot_differ_are_solved_once(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b"])
    universe.publish("b", "1")
    lock(universe, "a", python=">=3.10")
    assert universe.reads.count("a") == universe.reads.count("b") == 2  # the second time for notes on what is yanked


def test_what_dependencies_require_of_the_project_itself_is_the_project(universe: Universe) -> None:
    """A plugin of the application brings no second application; one that is no distribution is nothing to require."""
    universe.publish("plugin", "1.0", requires=["my-app>=9", "lib"])
    universe.publish("lib", "1.0")
    universe.publish("my-app", "9.0")
    assert pins(lock(universe, "plugin", is_package=True)) == {"lib": "1.0", "plugin": "1.0"}
    assert pins(lock(universe, "plugin")) == {"lib": "1.0", "my-app": "9.0", "plugin": "1.0"}
    requested = lock(universe, "plugin", "my-app", is_package=True)
    assert pins(requested, "plugin") == {"lib": "1.0", "my-app": "9.0", "plugin": "1.0"}


def test_an_optional_tree_keeps_its_groups_and_extras(universe: Universe) -> None:
    universe.publish("a", "1")
    request = tree("a", always=False, groups=frozenset({canonicalize_name("dev")}))
    locked = the_tree(lock(universe, request))
    assert (locked.always, locked.groups, locked.extras) == (False, ("dev",), ())


def test_a_requirement_that_no_target_needs_makes_an_empty_tree(universe: Universe) -> None:
    universe.publish("a", "1")
    assert pins(lock(universe, "a; sys_platform == 'atari'")) == {}


def test_a_distribution_that_several_trees_have_is_written_once(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c"])
    universe.publish("b", "1", requires=["c"])
    universe.publish("c", "1", offer=Offer(sdist=True))
    locked = lock(universe, "a", "b")
    assert [package.name for package in locked.packages] == ["a", "b", "c"]
    assert locked.packages[2].sdist is not None
    assert locked.packages[2].wheels[0].hashes.keys() == {"sha256"}


@pytest.mark.parametrize(
    ("source", "origin"),
    [
        (PathSource(Path("/nowhere/dep"), "../dep", True), LockedDirectory(path="../dep", editable=True)),
        (GitSource(GIT, "main"), LockedVcs(url=GIT, requested_revision="main", commit_id="c0ffee")),
        (UrlSource(ZIP), LockedArchive(url=ZIP, size=1, hashes={"sha256": "0" * 64})),
    ],
)
def test_a_source_is_locked_by_what_identifies_it(universe: Universe, source: DirectReference, origin: object) -> None:
    universe.provide(source, "dep", "1")
    (package,) = lock(universe, "dep", sources={DEP: source}).packages
    assert origin in (package.directory, package.vcs, package.archive)
    assert package.index is None


def test_equal_inputs_give_the_same_lock_without_querying_the_index(universe: Universe) -> None:
    universe.publish("a", "1")
    first = lock(universe, "a")
    universe.reads.clear()
    assert lock(universe, "a", previous=first) is first
    assert universe.reads == []


def test_locked_versions_are_kept_when_something_is_added(universe: Universe) -> None:
    universe.publish("a", "1", requires=["c"])
    universe.publish("c", "1")
    first = lock(universe, "a")
    universe.publish("b", "1", requires=["c"])
    universe.publish("c", "2")
    second = lock(universe, "a", "b", previous=first)
    assert second.trees[0] == first.trees[0]
    assert (pins(second, "a")["c"], pins(second, "b")["c"]) == ("1", "1")


def test_a_locked_version_that_no_longer_fits_is_given_up(universe: Universe) -> None:
    universe.publish("a", "1")
    first = lock(universe, "a")
    universe.publish("a", "2")
    assert pins(lock(universe, "a>1", previous=first)) == {"a": "2"}


def test_a_locked_version_is_kept_though_it_was_yanked_since(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("b", "1")
    first = lock(universe, "a")
    later = Universe()
    later.publish("a", "1", offer=Offer(yanked="oops"))
    later.publish("a", "2")
    later.publish("b", "1")
    assert pins(lock(later, "a", "b", previous=first), "a") == {"a": "1"}


def test_resolving_again_with_nothing_but_the_pins_gives_the_same_lock(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b", "c; python_version < '3.12'"])
    universe.publish("b", "1")
    universe.publish("b", "2", offer=Offer(python=">=3.12"))
    universe.publish("c", "1")
    first = lock(universe, "a", python=">=3.10")
    universe.publish("b", "3")
    universe.publish("c", "2")
    unlike = replace(first, inputs="sha256:" + "1" * 64)
    assert format_lock(lock(universe, "a", python=">=3.10", previous=unlike)) == format_lock(first)


@pytest.mark.parametrize(
    ("options", "versions"),
    [
        (LockOptions(now=NOW, upgrade=True), [{"a": "2", "c": "2"}, {"b": "2", "c": "2"}]),
        (LockOptions(now=NOW, upgrade_trees=frozenset({"a"})), [{"a": "2", "c": "2"}, {"b": "1", "c": "1"}]),
        (LockOptions(now=NOW, upgrade_packages=frozenset({C})), [{"a": "1", "c": "2"}, {"b": "1", "c": "2"}]),
    ],
)
def test_upgrades_affect_only_what_is_named(
    universe: Universe, options: LockOptions, versions: list[dict[str, str]]
) -> None:
    for version in ("1", "2"):
        universe.publish("a", version, requires=["c"])
        universe.publish("b", version, requires=["c"])
        universe.publish("c", version)
    first = lock(universe, tree("a", constraints=constraints("a<2", "c<2")), tree("b<2", "c<2"))
    second = lock(universe, "a", "b", previous=first, options=options)
    assert [pins(second, "a"), pins(second, "b")] == versions


def test_equal_inputs_give_equal_bytes_whatever_the_order(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b[y,x]", "c"])
    universe.publish("b", "1", requires=["c; extra == 'x'", "d; extra == 'y'"])
    universe.publish("c", "1")
    universe.publish("d", "1")
    other = Universe()
    for name, requires in (("d", []), ("c", []), ("a", ["c", "b[x,y]"])):
        other.publish(name, "1", requires=requires)
    other.publish("b", "1", requires=["d; extra == 'y'", "c; extra == 'x'"])
    assert format_lock(lock(universe, "a", "c")) == format_lock(lock(other, "c", "a"))


def test_a_lock_for_some_targets_says_so(universe: Universe) -> None:
    universe.publish("a", "1")
    options = LockOptions(now=NOW, targets=(machine_target("3.12"),))
    locked = lock(universe, "a", options=options)
    assert Marker(locked.environments[0]).evaluate(dict(machine_target("3.12").environment))
    assert is_current(project("a"), locked, options)
    assert not is_current(project("a"), locked, OPTIONS)
    assert not is_current(project("a>0"), locked, options)


def test_environments_narrow_the_lock(universe: Universe) -> None:
    universe.publish("a", "1", requires=["b; sys_platform == 'win32'"])
    locked = lock(universe, "a", environments=(Marker("sys_platform == 'linux'"),))
    assert pins(locked) == {"a": "1"}
    assert locked.environments == ('sys_platform == "linux"',)


def test_a_tree_exposes_the_modules_of_its_direct_requirements(universe: Universe) -> None:
    universe.publish("scikit-learn", "1", requires=["b"])
    universe.publish("b", "1")
    universe.members["scikit-learn"] = ("sklearn/__init__.py", "tests/x.py", "scikit_learn-1.dist-info/RECORD")
    assert the_tree(lock(universe, "scikit-learn")).imports == ("sklearn",)


def test_a_module_that_two_trees_expose_is_an_error_naming_both(universe: Universe) -> None:
    universe.publish("opencv-python", "1")
    universe.publish("opencv-python-headless", "1")
    universe.members = {"opencv-python": ("cv2/__init__.py",), "opencv-python-headless": ("cv2/__init__.py",)}
    with pytest.raises(LocalError) as caught:
        lock(universe, "opencv-python", "opencv-python-headless")
    assert caught.value.code == "import-name-taken"
    assert caught.value.message == (
        "`import cv2` could mean tree opencv_python (opencv-python) "
        "or tree opencv_python_headless (opencv-python-headless)"
    )


@pytest.mark.parametrize("files", [("pair.py",), ("pair/second/__init__.py",), ("pair/second.py",)])
def test_what_two_trees_of_one_environment_have_beside_each_other_is_no_error(
    universe: Universe, files: tuple[str, ...]
) -> None:
    universe.publish("a", "1")
    universe.publish("b", "1")
    universe.members = {"a": ("pair/__init__.py", "pair/first.py"), "b": ("b.py", *files)}
    assert the_tree(lock(universe, "a", "b"), "a").imports == ("pair",)


def test_it_is_an_error_where_they_are_not_one_environment(universe: Universe) -> None:
    for version in ("1", "2"):
        universe.publish("c", version)
        universe.publish(f"a{version}", "1", requires=[f"c=={version}"])
    universe.members = {"a1": ("pair/__init__.py",), "a2": ("pair.py",), "c": ("c.py",)}
    with pytest.raises(LocalError, match="`import pair` could mean tree a1"):
        lock(universe, "a1", "a2")


def test_an_alias_hides_its_modules_and_takes_a_name(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2")
    locked = lock(universe, "a", tree("a<2", name="a_old", alias="a_old"))
    old = the_tree(locked, "a_old")
    assert (old.alias, old.module, old.imports) == ("a_old", "a", ())
    with pytest.raises(LocalError, match="`import a` could mean tree a"):
        lock(universe, "a", tree("a<2", name="old", alias="a"))


def test_an_alias_of_a_distribution_with_several_modules_must_name_one(universe: Universe) -> None:
    universe.publish("dateutils", "1")
    universe.members["dateutils"] = ("du.py", "ut.py")
    with pytest.raises(LocalError) as caught:
        lock(universe, tree("dateutils", alias="d"))
    assert caught.value.code == "alias-module-unclear"
    assert "dateutils has the modules du, ut, and none is named dateutils" in caught.value.message
    assert the_tree(lock(universe, tree("dateutils", alias="d", module="ut"))).module == "ut"


def test_an_alias_of_a_module_that_is_nowhere_in_its_tree_is_refused(universe: Universe) -> None:
    universe.publish("meta", "1", requires=["core"])
    universe.publish("core", "1")
    universe.members["meta"] = ("ns/meta/__init__.py", "other.py")
    universe.members["core"] = ("core/__init__.py",)
    with pytest.raises(LocalError) as caught:
        lock(universe, tree("meta", alias="x", module="nope"))
    assert caught.value.code == "alias-module-missing"
    assert caught.value.message == "alias x: its tree has no module nope; its library provides ns.meta, other"
    for module in ("ns", "ns.meta", "ns.meta.sub", "other", "core"):
        assert the_tree(lock(universe, tree("meta", alias="x", module=module))).module == module


def test_what_is_exposed_is_not_looked_up_again(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("b", "1")
    first = lock(universe, "a")
    universe.reads.clear()
    second = lock(universe, "a", "b", previous=first)
    assert [tree.imports for tree in second.trees] == [("a",), ("b",)]
    assert "a-1-py3-none-any.whl!" not in universe.reads


def test_two_trees_may_have_parts_of_one_namespace(universe: Universe) -> None:
    universe.publish("g-auth", "1")
    universe.publish("g-storage", "1")
    universe.members = {"g-auth": ("g/auth/__init__.py",), "g-storage": ("g/cloud/storage/__init__.py",)}
    locked = lock(universe, "g-auth", "g-storage")
    assert [tree.imports for tree in locked.trees] == [("g.auth",), ("g.cloud.storage",)]
    universe.members["g-auth"] = ("g/cloud/__init__.py", "g/cloud/storage/__init__.py")
    with pytest.raises(LocalError, match=r"`import g\.cloud\.storage` could mean tree g_auth .* or tree g_storage"):
        lock(universe, "g-auth", "g-storage")


def test_a_release_for_some_patch_releases_is_locked_only_for_these(universe: Universe) -> None:
    universe.publish("a", "1")
    universe.publish("a", "2", offer=Offer(python=">=3.12.4"))
    locked = lock(universe, "a", python=">=3.12,<3.14")
    assert [(m.version, m.marker) for m in the_tree(locked).packages] == [
        ("1", "python_full_version < '3.12.4'"),
        ("2", "python_full_version >= '3.12.4'"),
    ]
    assert pins(lock(universe, "a", python=">=3.12.4,<3.14")) == {"a": "2"}


def test_a_source_may_say_where_its_own_dependencies_come_from(universe: Universe) -> None:
    here = PathSource(Path("/libs/a"), "../libs/a")
    there = UrlSource("https://example.invalid/b-1.tar.gz", sha256="0" * 64)
    universe.provide(here, "a", "1", requires=[f"b @ {there.url}#sha256={there.sha256}"])
    universe.provide(there, "b", "1")
    locked = lock(universe, "a", sources={canonicalize_name("a"): here})
    assert pins(locked) == {"a": "1", "b": "1"}
    archive = locked.packages[1].archive
    assert archive is not None
    assert archive.url == there.url


def test_two_sources_that_disagree_about_a_third_are_refused(universe: Universe) -> None:
    sources: dict[NormalizedName, Source] = {}
    for name in ("a", "b"):
        source = PathSource(Path(f"/libs/{name}"), f"../libs/{name}")
        universe.provide(source, name, "1", requires=[f"c @ https://example.invalid/{name}/c-1.tar.gz"])
        universe.provide(UrlSource(f"https://example.invalid/{name}/c-1.tar.gz"), "c", "1")
        sources[canonicalize_name(name)] = source
    with pytest.raises(UnmetRequest, match="a and b refer to c at different places"):
        lock(universe, "a", "b", sources=sources)


def test_a_dependency_that_is_also_a_direct_one_is_searched_for_modules(universe: Universe) -> None:
    """It was in the tree before, but as an indirect dependency it exposed nothing."""
    universe.publish("a", "1", requires=["b"])
    universe.publish("b", "1")
    first = lock(universe, tree("a"))
    second = lock(universe, tree("a", "b"), previous=first)
    assert the_tree(second).imports == ("a", "b")


def test_a_distribution_from_elsewhere_is_looked_into(universe: Universe) -> None:
    """The same version from a folder may have other modules."""
    universe.publish("dep", "1")
    universe.members["dep"] = ("other.py",)
    first = lock(universe, "dep")
    source = PathSource(Path("/app/dep"), "dep")
    universe.provide(source, "dep", "1")
    second = lock(universe, "dep", sources={DEP: source}, previous=first)
    assert (the_tree(first).imports, the_tree(second).imports) == (("other",), ("dep",))


def test_an_unused_source_is_reported(universe: Universe) -> None:
    universe.publish("flask", "1", requires=["click"])
    universe.publish("click", "1")
    notes = Notes()
    sources: dict[NormalizedName, Source] = {canonicalize_name(name): GitSource(GIT) for name in ("clik", "zzz")}
    lock(universe, "flask", sources=sources, reporter=notes)
    assert notes.notes == [
        "tool.mvlock.sources: clik is not used; did you mean click?",
        "tool.mvlock.sources: zzz is not used",
    ]


def test_a_constraint_or_limit_that_may_be_a_mistake_is_reported(universe: Universe) -> None:
    universe.publish("flask", "1", requires=["click", "gone; sys_platform == 'beos'"])
    universe.publish("click", "1")
    notes = Notes()
    bounds = constraints("clik<2", "click<2", "gone<1", "zzz<1")
    limits = {canonicalize_name(name): None for name in ("click", "flsk", "zzz")}
    lock(universe, tree("flask", constraints=bounds), exclude_newer_of=limits, reporter=notes)
    assert notes.notes == [
        "tool.mvlock.constraints[0]: clik is not used; did you mean click?",
        "tool.mvlock.exclude-newer-package: flsk is not used; did you mean flask?",
    ]


def test_a_lock_for_pythons_that_are_not_known_yet_says_so(universe: Universe) -> None:
    universe.publish("a", "1")
    notes = Notes()
    lock(universe, "a", python=">=3.20", reporter=notes)
    assert notes.notes == ["requires-python allows only Pythons newer than 3.15, so the lock is for 3.20"]
    known = Notes()
    lock(universe, "a", python=">=3.10", reporter=known)
    assert known.notes == []
