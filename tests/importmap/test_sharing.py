"""Equal distributions that find the same are shared; what could see a difference stays apart."""

from __future__ import annotations

from typing import Any

from packaging.utils import canonicalize_name

from mvlock.importmap import InstalledTree, compile_map
from mvlock.importmap.model import ImportMap
from mvlock.importmap.sharing import sharing_trees
from mvlock.lock.model import Lock, LockedTree
from mvlock.plan import InstalledDistribution, TreeReceipt
from mvlock.project.model import ShareMode, Sharing


def dist(name: str, version: str = "1.0", *needs: str, **values: Any) -> InstalledDistribution:
    """A distribution that provides a module of its name; ``needs`` are the projects it declares."""
    values = {"imports": (name,), "declared": needs, "identity": f"wheel {name} {version}"} | values
    return InstalledDistribution(name, version, **values)


def tree(name: str, *there: InstalledDistribution) -> TreeReceipt:
    return TreeReceipt(name, "python", there)


def shared(*trees: TreeReceipt, **settings: Sharing) -> dict[str, set[tuple[str, ...]]]:
    """By project, the sets of several trees that share it."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for (_, project), members in sharing_trees(trees, settings).items():
        if len(members) > 1:
            found.setdefault(project, set()).add(members)
    return found


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


def test_an_optional_requirement_that_only_one_tree_has_keeps_apart() -> None:
    asking = dist("asking", "1", "speedup")
    assert shared(tree("a", asking, dist("speedup")), tree("b", asking)) == {}
    assert shared(tree("a", asking), tree("b", asking)) == {"asking": {("a", "b")}}


def test_what_is_imported_for_sure_counts_although_it_is_not_declared() -> None:
    careless = dist("careless", imported=("low",))
    assert shared(tree("a", careless, dist("low", "1")), tree("b", careless, dist("low", "2"))) == {}


def test_distributions_that_need_each_other_are_judged_together() -> None:
    one, other = dist("one", "1", "other"), dist("other", "1", "one")
    assert shared(tree("a", one, other), tree("b", one, other)) == {"one": {("a", "b")}, "other": {("a", "b")}}
    assert shared(tree("a", one, other), tree("b", one, dist("other", "2", "one"))) == {}


def test_a_namespace_package_is_judged_as_a_whole() -> None:
    storage, auth = (dist(name, imports=("google",)) for name in ("storage", "auth"))
    assert shared(tree("a", storage, auth), tree("b", storage, auth), tree("c", auth)) == {
        "storage": {("a", "b")},
        "auth": {("a", "b")},
    }


def test_a_stray_name_makes_no_namespace() -> None:
    one, other = dist("one", imports=("one", "tests")), dist("other", imports=("other", "tests"))
    assert shared(tree("a", one, other), tree("b", one)) == {"one": {("a", "b")}}


def test_lines_for_the_start_of_python_are_for_one_environment() -> None:
    setup = dist("setup", startup=(("setup.pth", "import os"),))
    assert shared(tree("a", setup), tree("b", setup)) == {}


def test_settings_keep_apart_and_force() -> None:
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
    entries = [LockedTree(name=one.tree, requires=(), imports=(imports[one.tree],)) for one in trees]
    installed = [InstalledTree(one, f"../{one.tree}") for one in trees]
    return compile_map(Lock(inputs="sha256:" + "0" * 64, trees=tuple(entries)), installed)


def test_a_shared_domain_is_loaded_from_the_first_tree_and_sees_what_all_of_its_trees_agree_on() -> None:
    made = compiled(
        tree("a", dist("n"), dist("six"), dist("p", "1")),
        tree("b", dist("n"), dist("six"), dist("p", "2")),
        tree("c", dist("six")),
        a="n", b="p", c="six",
    )  # fmt: skip
    domains = {domain.name: domain for domain in made.domains}
    assert list(domains) == ["a", "a+b", "a+b+c", "b", "c"]
    assert (domains["a+b"].trees, domains["a+b"].paths) == (("a", "b"), ("../a",))
    assert domains["a+b"].routes == {"n": "a+b", "six": "a+b+c"}
    assert domains["a+b+c"].routes == {"six": "a+b+c"}
    assert domains["b"].routes == {"n": "a+b", "p": "b", "six": "a+b+c"}
    assert [item.name for item in domains["b"].distributions] == ["p"]
    assert made.root == {"n": "a+b", "p": "b", "six": "a+b+c"}


def test_many_trees_that_share_have_a_short_name() -> None:
    names = "abcdef"
    extra = {"a": [dist("x")], "b": [dist("x"), dist("y")], "c": [dist("x"), dist("y")], "d": [dist("x"), dist("y")]}
    extra["a"] += [dist("y")]
    extra["e"] = [dist("x")]
    extra["f"] = [dist("y")]
    trees = [tree(name, dist(f"own_{name}"), *extra[name]) for name in names]
    made = compiled(*trees, **{name: f"own_{name}" for name in names})
    assert {domain.name: domain.trees for domain in made.domains if len(domain.trees) > 1} == {
        "a+4": ("a", "b", "c", "d", "e"),
        "a+4~2": ("a", "b", "c", "d", "f"),
    }
