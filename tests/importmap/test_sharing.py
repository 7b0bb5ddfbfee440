"""Equal distributions that find the same are shared; what could see a difference is not."""

from __future__ import annotations

from typing import Any

from packaging.utils import canonicalize_name

from mvlock.importmap.map_builder import InstalledTree, build_map
from mvlock.importmap.model import ImportMap
from mvlock.importmap.sharing import Arrangement
from mvlock.lock.agreeing_trees import RuntimeSettings
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode, Sharing


def dist(name: str, version: str = "1.0", *needs: str, **values: Any) -> InstalledDistribution:
    """A distribution that provides a module of its name; ``needs`` are the projects it declares."""
    values = {"imports": (name,), "declared": needs, "identity": f"wheel {name} {version}"} | values
    return InstalledDistribution(name, version, **values)


def tree(name: str, *there: InstalledDistribution) -> TreeReceipt:
    return TreeReceipt(name, "python", there)


def arrangement(*trees: TreeReceipt, **settings: Sharing) -> Arrangement:
    return Arrangement(trees, {name: RuntimeSettings(sharing=one) for name, one in settings.items()})


def shared(*trees: TreeReceipt, **settings: Sharing) -> dict[str, set[tuple[str, ...]]]:
    """By project, the sets of several trees that share it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for (_, project), members in arrangement(*trees, **settings).trees.items():
        if len(members) > 1:
            found.setdefault(project, set()).add(members)
    return found


def apart(name: str, version: str) -> InstalledDistribution:
    """Of different versions in two trees, what makes two worlds of them."""
    return dist(name, version)


def sharing(mode: ShareMode = ShareMode.IDENTICAL, **values: list[str]) -> Sharing:
    return Sharing(mode, **{key: frozenset(map(canonicalize_name, names)) for key, names in values.items()})


def test_equal_distributions_are_shared_and_others_are_not() -> None:
    found = shared(tree("a", dist("n"), dist("p", "1")), tree("b", dist("n"), dist("p", "2")), tree("c", dist("n")))
    assert found == {"n": {("a", "b", "c")}}


def test_an_equal_version_from_another_file_is_not_equal() -> None:
    assert shared(tree("a", dist("n")), tree("b", dist("n", identity="sdist n 1.0"))) == {}


def test_what_needs_something_that_differs_is_not_shared_nor_what_needs_that() -> None:
    def one(version: str) -> tuple[InstalledDistribution, ...]:
        return dist("top", "1", "middle"), dist("middle", "1", "low"), dist("low", version), dist("other")

    assert shared(tree("a", *one("1")), tree("b", *one("2"))) == {"other": {("a", "b")}}


def test_what_one_world_lacks_does_not_prevent_sharing_and_what_differs_does() -> None:
    asking, odd = dist("asking", "1", "speedup"), ("1", "2")
    one, other = (dist("odd", version) for version in odd)
    assert shared(tree("a", asking, dist("speedup"), one), tree("b", asking, other)) == {"asking": {("a", "b")}}
    assert shared(tree("a", asking, dist("speedup", "1")), tree("b", asking, dist("speedup", "2"))) == {}


def test_three_of_which_two_find_different_things_are_two() -> None:
    asking = dist("asking", "1", "low")
    trees = (
        tree("a", asking, dist("low", "1"), dist("odd", "1")),
        tree("b", asking, dist("odd", "2")),
        tree("c", asking, dist("low", "2"), dist("odd", "3")),
    )
    assert shared(*trees) == {"asking": {("a", "b")}}


def test_without_peers_what_is_not_found_counts_too() -> None:
    asking = dist("asking", "1", "speedup")
    trees = (tree("a", asking, dist("speedup")), tree("b", asking))
    strict = {name: RuntimeSettings(peers=False) for name in "ab"}
    assert Arrangement(trees, strict).trees["a", "asking"] == ("a",)
    assert Arrangement(trees, {}).trees["a", "asking"] == ("a", "b")
    alike = (tree("a", asking), tree("b", asking))
    assert Arrangement(alike, strict).trees["a", "asking"] == ("a", "b")


def test_what_is_imported_for_sure_counts_although_it_is_not_declared() -> None:
    careless = dist("careless", imported=("low",))
    assert shared(tree("a", careless, dist("low", "1")), tree("b", careless, dist("low", "2"))) == {}


def test_distributions_that_need_each_other_are_judged_together() -> None:
    one, other = dist("one", "1", "other"), dist("other", "1", "one")
    assert shared(tree("a", one, other), tree("b", one, other)) == {"one": {("a", "b")}, "other": {("a", "b")}}
    assert shared(tree("a", one, other), tree("b", one, dist("other", "2", "one"))) == {}


def part(name: str, version: str = "1", *needs: str) -> InstalledDistribution:
    """A part of the namespace ``space``."""
    return dist(name, version, *needs, imports=("space",), spaces=(f"space.{name}",))


def test_a_namespace_package_is_judged_part_by_part() -> None:
    assert shared(tree("a", part("auth"), part("cloud", "1", "auth")), tree("b", part("auth"), part("cloud", "2"))) == {
        "auth": {("a", "b")}
    }


def test_a_package_of_which_several_have_a_part_is_judged_as_a_whole() -> None:
    auth, cloud, other = (
        dist(name, version, imports=("space",)) for name, version in (("auth", "1"), ("cloud", "1"), ("cloud", "2"))
    )
    assert shared(tree("a", auth, cloud), tree("b", auth, other)) == {}


def test_a_stray_name_makes_no_package_of_several() -> None:
    one, other = dist("one", imports=("one", "tests")), dist("other", imports=("other", "tests"))
    assert shared(tree("a", one, other, apart("odd", "1")), tree("b", one, apart("odd", "2"))) == {"one": {("a", "b")}}


def test_lines_for_the_start_of_python_are_for_one_world() -> None:
    setup = dist("setup", startup=(("setup.pth", "import os"),))
    assert shared(tree("a", setup, apart("odd", "1")), tree("b", setup, apart("odd", "2"))) == {}
    assert shared(tree("a", setup), tree("b", setup)) == {"setup": {("a", "b")}}


def test_settings_separate_and_force() -> None:
    trees = (tree("a", dist("n", "1", "m"), dist("m", "1")), tree("b", dist("n", "1", "m"), dist("m", "2")))
    trees_alike = tuple(tree(name, dist("n", "1", "m"), dist("m")) for name in "ab")
    both = {"n": {("a", "b")}, "m": {("a", "b")}}
    assert shared(*trees_alike) == both
    assert shared(*trees_alike, a=sharing(ShareMode.NONE)) == {}
    assert shared(*trees_alike, a=sharing(never=["N"])) == {"m": {("a", "b")}}
    assert shared(*trees_alike, b=sharing(never=["m"])) == {}
    assert shared(*trees) == {}
    assert shared(*trees, a=sharing(always=["n"]), b=sharing(always=["N"])) == {"n": {("a", "b")}}
    none = sharing(ShareMode.NONE, always=["m"])
    assert shared(*trees_alike, a=none, b=none) == {"m": {("a", "b")}}


def compiled(*trees: TreeReceipt, **imports: str) -> ImportMap:
    entries = [LockedTree(name=one.tree, requires=(imports[one.tree],), imports=(imports[one.tree],)) for one in trees]
    installed = [InstalledTree(one, f"../{one.tree}") for one in trees]
    settings_by_tree = {one.tree: RuntimeSettings(requested=frozenset((imports[one.tree],))) for one in trees}
    return build_map(
        Lock(inputs="sha256:" + "0" * 64, trees=tuple(entries)), installed, Arrangement(trees, settings_by_tree)
    )


def test_what_worlds_share_is_loaded_from_the_first_and_sees_what_they_mean_by_a_name_if_it_is_one_thing() -> None:
    made = compiled(
        tree("a", dist("n"), dist("six"), dist("p", "1")),
        tree("b", dist("n"), dist("six"), dist("p", "2"), dist("only_b")),
        tree("c", dist("six"), dist("p", "3")),
        a="n", b="p", c="six",
    )  # fmt: skip
    domains = {domain.name: domain for domain in made.domains}
    assert list(domains) == ["a", "a+b", "a+b+c", "b", "c"]
    assert (domains["a+b"].trees, domains["a+b"].paths) == (("a", "b"), ("../a",))
    assert domains["a+b"].routes == {"n": "a+b", "six": "a+b+c", "only_b": "b"}
    assert domains["a+b+c"].routes == {"n": "a+b", "six": "a+b+c", "only_b": "b"}
    assert domains["b"].routes == {"n": "a+b", "p": "b", "six": "a+b+c", "only_b": "b"}
    assert [item.name for item in domains["b"].distributions] == ["only_b", "p"]
    assert made.root == {"n": "a+b", "p": "b", "six": "a+b+c"}


def test_many_trees_that_share_have_a_short_name() -> None:
    names = "abcdef"
    extra = {"a": [dist("x")], "b": [dist("x"), dist("y")], "c": [dist("x"), dist("y")], "d": [dist("x"), dist("y")]}
    extra["a"] += [dist("y")]
    extra["e"] = [dist("x")]
    extra["f"] = [dist("y")]
    trees = [tree(name, dist(f"own_{name}"), dist("odd", name), *extra[name]) for name in names]
    made = compiled(*trees, **{name: f"own_{name}" for name in names})
    assert {domain.name: domain.trees for domain in made.domains if len(domain.trees) > 1} == {
        "a+4": ("a", "b", "c", "d", "e"),
        "a+4~2": ("a", "b", "c", "d", "f"),
    }
