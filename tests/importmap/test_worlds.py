"""Trees that agree are one world; what disagrees is outside, and finds direct dependencies of the application."""

from __future__ import annotations

from mvlock.importmap.map_builder import InstalledTree, build_map
from mvlock.importmap.model import ImportMap
from mvlock.importmap.sharing import Arrangement
from mvlock.importmap.worlds import worlds_of
from mvlock.lock.agreeing_trees import RuntimeSettings
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode, Sharing


def tree(name: str, **versions: str) -> TreeReceipt:
    """A tree of projects in some versions, each with a module of its name."""
    items = (
        InstalledDistribution(project, version, f"wheel {project} {version}", imports=(project,))
        for project, version in sorted(versions.items())
    )
    return TreeReceipt(name, "python", tuple(items))


def worlds(*trees: TreeReceipt, **settings_by_tree: RuntimeSettings) -> list[tuple[str, ...]]:
    return [world.trees for world in worlds_of(trees, settings_by_tree)]


def compiled(*trees: TreeReceipt, **settings_by_tree: RuntimeSettings) -> ImportMap:
    """The application requires the project that each tree is named after."""
    found = {one.tree: RuntimeSettings(requested=frozenset((one.tree,))) for one in trees} | settings_by_tree
    entries = (
        LockedTree(
            name=one.tree,
            requires=(one.tree,),
            imports=() if found[one.tree].alias else (one.tree,),
            alias=one.tree if found[one.tree].alias else None,
        )
        for one in trees
    )
    lock = Lock(inputs="sha256:" + "0" * 64, trees=tuple(entries))
    return build_map(lock, [InstalledTree(one, f"../{one.tree}") for one in trees], Arrangement(trees, found))


def test_trees_that_agree_on_every_version_are_one_world() -> None:
    assert worlds(tree("a", n="1", a="1"), tree("b", n="1", b="2"), tree("c", c="1")) == [("a", "b", "c")]


def test_a_differing_tree_is_outside_and_neutral_trees_are_with_the_majority() -> None:
    trees = (tree("a", n="1"), tree("b", n="2"), tree("c", n="2"), tree("d"), tree("e", m="1"))
    assert worlds(*trees) == [("a",), ("b", "c", "d", "e")]
    assert worlds(*trees[::-1]) == worlds(*trees)


def test_aliases_and_trees_isolated_by_settings_are_separate_worlds() -> None:
    trees = (tree("a", n="1"), tree("b", n="1"), tree("c", n="1"))
    assert worlds(*trees, b=RuntimeSettings(alias=True)) == [("a", "c"), ("b",)]
    assert worlds(*trees, b=RuntimeSettings(peers=False)) == [("a", "c"), ("b",)]
    assert worlds(*trees, b=RuntimeSettings(Sharing(ShareMode.NONE))) == [("a", "c"), ("b",)]


def test_what_a_marker_leaves_out_of_its_tree_is_no_peer() -> None:
    trees = (tree("old", old="1", n="1"), tree("new", new="1", n="2"), tree("help"))
    arrangement = Arrangement(trees, {one.tree: RuntimeSettings(requested=frozenset((one.tree,))) for one in trees})
    assert arrangement.peers == ({}, {})


def test_code_of_one_world_finds_what_any_of_its_trees_has() -> None:
    made = compiled(tree("a", a="1", deep="1"), tree("b", b="1"))
    (domain,) = made.domains
    assert domain.routes == {"a": "a+b", "b": "a+b", "deep": "a+b"}
    assert made.root == {"a": "a+b", "b": "a+b"}


def test_each_distribution_of_a_world_is_loaded_from_the_tree_that_requires_it() -> None:
    (domain,) = compiled(tree("a", a="1", b="1", z="1"), tree("b", b="1", z="1")).domains
    assert domain.paths == ("../a", "../b")
    assert {item.name: domain.paths[item.site] for item in domain.distributions} == {
        "a": "../a",
        "b": "../b",
        "z": "../b" if domain.distributions[2].site else "../a",
    }


def test_a_world_finds_direct_dependencies_of_the_application_and_no_more_of_another() -> None:
    made = compiled(tree("old", old="1", n="1"), tree("new", new="1", n="2"), tree("help", help="1", deep="1"))
    domains = {domain.name: domain for domain in made.domains}
    assert domains["old"].peers == {"help": "help+new"}
    assert domains["help+new"].peers == {}
    assert "old" not in domains["help+new"].routes


def test_a_peer_that_disagrees_with_the_world_is_not_found() -> None:
    made = compiled(tree("old", old="1", n="1"), tree("new", new="1", n="2"))
    assert [domain.peers for domain in made.domains] == [{}, {}]


def test_two_versions_each_find_one_helper_of_the_application() -> None:
    alias = RuntimeSettings(alias=True)
    made = compiled(
        tree("lib_new", lib="2"), tree("lib_old", lib="1"), tree("help", help="1"), lib_new=alias, lib_old=alias
    )
    domains = {domain.name: domain for domain in made.domains}
    assert domains["lib_new"].peers == domains["lib_old"].peers == {"help": "help"}
    assert domains["help"].peers == {}


def test_without_peers_a_tree_finds_what_it_has() -> None:
    made = compiled(tree("a", a="1"), tree("b", b="1"), a=RuntimeSettings(peers=False, requested=frozenset("a")))
    domains = {domain.name: domain for domain in made.domains}
    assert (domains["a"].routes, domains["a"].peers) == ({"a": "a"}, {})
    assert domains["b"].peers == {"a": "a"}
