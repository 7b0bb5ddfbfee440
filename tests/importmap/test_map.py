"""The import map says what importshim needs, the same for the same trees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from mvlock.importmap.file import map_text, write_map
from mvlock.importmap.map_builder import InstalledTree
from mvlock.importmap.map_builder import build_map as build_map_of
from mvlock.importmap.model import ImportMap, MapAlias, MapTree
from mvlock.importmap.sharing import Arrangement
from mvlock.lock.agreeing_trees import RuntimeSettings
from mvlock.lock.model import Lock, LockedTree, TreePackage
from mvlock.plan.receipt import InstalledDistribution, TreeReceipt


def tree(name: str, **names: tuple[str, ...]) -> InstalledTree:
    """A tree of distributions with the import names each provides."""
    there = tuple(InstalledDistribution(item, "1.0", "", imports) for item, imports in names.items())
    return InstalledTree(TreeReceipt(name, "python", there), f"../{name}")


def build_map(lock: Lock, trees: list[InstalledTree], **more: Any) -> ImportMap:
    aliases = {one.name: one.alias is not None for one in lock.trees}
    receipts = [one.receipt for one in trees]
    settings_by_tree = {one.tree: RuntimeSettings(alias=aliases.get(one.tree, False)) for one in receipts}
    return build_map_of(lock, trees, Arrangement(receipts, settings_by_tree), **more)


def lock(*trees: LockedTree) -> Lock:
    return Lock(inputs="sha256:" + "0" * 64, trees=trees)


def locked(name: str, *imports: str, **values: Any) -> LockedTree:
    return LockedTree(name=name, requires=(name,), imports=imports, **values)


def test_every_tree_is_a_domain_that_routes_its_own_names_to_itself() -> None:
    made = build_map(lock(locked("x", "a")), [tree("x", a=("a", "tests"), b=("b",))])
    (domain,) = made.domains
    assert (domain.name, domain.trees, domain.paths) == ("x", ("x",), ("../x",))
    assert domain.routes == {"a": "x", "b": "x", "tests": "x"}
    assert [(item.name, item.imports) for item in domain.distributions] == [("a", ("a", "tests")), ("b", ("b",))]


def test_the_application_may_import_what_the_lock_exposes() -> None:
    made = build_map(lock(locked("x", "a"), locked("y", "c")), [tree("x", a=("a",), b=("b",)), tree("y", c=("c",))])
    assert made.root == {"a": "x+y", "c": "x+y"}
    assert made.trees == {"x": MapTree(domain="x+y", site="../x"), "y": MapTree(domain="x+y", site="../y")}


def test_the_application_may_be_let_import_whatever_means_one_thing_everywhere() -> None:
    trees = [tree("x", a=("a",), one=("one", "tests")), tree("y", c=("c",), two=("two",))]
    clash = [InstalledDistribution("lib", version, version, ("lib",)) for version in ("1.0", "2.0")]
    receipts = [
        TreeReceipt(one.receipt.tree, "python", (*one.receipt.distributions, lib))
        for one, lib in zip(trees, clash, strict=True)
    ]
    installed = [InstalledTree(receipt, f"../{receipt.tree}") for receipt in receipts]
    made = build_map(lock(locked("x", "a"), locked("y", "c")), installed, expose_all=True)
    assert made.root == {"a": "x", "c": "y", "one": "x", "two": "y"}


def test_a_name_that_no_file_provides_but_the_lock_says_is_routed_too() -> None:
    made = build_map(lock(locked("x", "edited")), [tree("x", a=("__editable___a_finder",))])
    assert made.domains[0].routes == {"__editable___a_finder": "x", "edited": "x"}


def test_names_of_the_standard_library_belong_to_no_domain() -> None:
    made = build_map(lock(locked("x")), [tree("x", enum34=("enum", "typing", "a"))])
    assert made.domains[0].routes == {"a": "x"}


def test_the_standard_library_is_not_replaced() -> None:
    trees = (locked("uuid", "uuid"), locked("x", "x", "enum.part"), locked("old", alias="old", module="argparse"))
    there = [tree("uuid", uuid=("uuid",)), tree("x", x=("x",), enum34=("enum",)), tree("old", argparse=("argparse",))]
    made = build_map(lock(*trees), there)
    assert made.root == {"x": "uuid+x"}
    assert made.aliases == {}
    assert all(set(domain.routes) <= {"x"} for domain in made.domains)


def test_the_runtime_is_not_replaced() -> None:
    made = build_map(lock(locked("x", "a", "importshim")), [tree("x", x=("a", "importshim"))])
    assert made.root == {"a": "x"}
    assert made.domains[0].routes == {"a": "x"}


def test_which_names_are_the_standard_librarys_is_the_interpreters_to_say() -> None:
    made = build_map(lock(locked("x", "cgi")), [tree("x", legacy=("cgi",))], standard_library=frozenset({"os"}))
    assert made.root == made.domains[0].routes == {"cgi": "x"}


def test_an_alias_leads_to_its_module() -> None:
    made = build_map(lock(locked("p_old", alias="p_old", module="pandas")), [tree("p_old", pandas=("pandas",))])
    assert made.aliases == {"p_old": MapAlias(domain="p_old", module="pandas")}
    assert made.root == {}


def needing(**dependencies: str) -> tuple[TreePackage, ...]:
    """Members of a tree with what each requires, separated by spaces."""
    found = dependencies.items()
    return tuple(TreePackage(name=name, version="1.0", dependencies=tuple(text.split())) for name, text in found)


def test_a_project_without_modules_stands_for_what_it_requires() -> None:
    packages = needing(meta="part inner[extra]", inner="deep", part="low", deep="", low="")
    there = tree("meta", meta=(), inner=(), part=("part",), deep=("deep",), low=("low",))
    assert build_map(lock(locked("meta", packages=packages)), [there]).root == {"deep": "meta", "part": "meta"}
    alias = locked("meta", packages=packages, alias="meta", module="part")
    assert build_map(lock(alias), [there]).root == {}


def test_a_direct_dependency_comes_before_what_stands_for_another() -> None:
    metas = [locked(name, packages=needing(**{name: "part lib"})) for name in ("meta", "other")]
    trees = [tree(name, **{name: ()}, part=("part",), lib=("lib",)) for name in ("meta", "other")]
    clash = InstalledDistribution("lib", "2.0", "2", ("lib",))
    receipts = [trees[0].receipt, TreeReceipt("other", "python", (*trees[1].receipt.distributions[:2], clash))]
    installed = [InstalledTree(one, f"../{one.tree}") for one in receipts]
    assert build_map(lock(*metas), installed).root == {"part": "meta+other"}
    newer = TreeReceipt("part", "python", (InstalledDistribution("part", "3.0", "3", ("part",)),))
    everything = [*installed, InstalledTree(newer, "../part")]
    assert build_map(lock(*metas, locked("part", "part")), everything).root == {"part": "part"}


def test_lines_of_path_files_are_in_the_order_of_site_and_absent_where_there_are_none() -> None:
    distributions = (
        InstalledDistribution("a", "1.0", "", startup=(("b.pth", "import b1"), ("b.pth", "import b2"))),
        InstalledDistribution("z", "1.0", "", startup=(("a.pth", "import a1"),)),
    )
    made = build_map(lock(), [InstalledTree(TreeReceipt("x", "python", distributions), "../x")])
    found = json.loads(map_text(made))["domains"]
    assert [(item["folder"], item["file"], item["line"]) for item in found[0]["startup"]] == [
        ("../x", "a.pth", "import a1"),
        ("../x", "b.pth", "import b1"),
        ("../x", "b.pth", "import b2"),
    ]
    (without,) = json.loads(map_text(build_map(lock(), [tree("y")])))["domains"]
    assert "startup" not in without


def test_a_start_file_takes_the_place_of_a_path_file_of_its_name_and_comes_after_the_others() -> None:
    distributions = (
        InstalledDistribution("a", "1.0", "", startup=(("a.start", "a:go"), ("b.pth", "import b"))),
        InstalledDistribution("z", "1.0", "", startup=(("a.pth", "import a"), ("z.pth", "import z"))),
    )
    made = build_map(lock(), [InstalledTree(TreeReceipt("x", "python", distributions), "../x")])
    assert [item.line for item in made.domains[0].startup] == ["import b", "import z", "a:go"]


def test_a_tree_that_is_not_installed_is_not_in_the_map() -> None:
    made = build_map(lock(locked("x", "a"), locked("dev", "d")), [tree("x", a=("a",))])
    assert made.root == {"a": "x"}
    assert [domain.name for domain in made.domains] == ["x"]


def test_the_order_of_the_trees_does_not_matter() -> None:
    trees = [tree("x", a=("a",)), tree("y", b=("b",))]
    described = lock(locked("x", "a"), locked("y", "b"))
    assert map_text(build_map(described, trees)) == map_text(build_map(described, trees[::-1]))


def test_the_file_is_read_back_as_it_was_and_untouched_when_equal(tmp_path: Path) -> None:
    made = build_map(lock(locked("x", "a")), [tree("x", a=("a",))])
    path = tmp_path / "import_map.json"
    assert write_map(path, made)
    before = path.stat()
    assert not write_map(path, made)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert msgspec.json.decode(path.read_text(), type=ImportMap) == made
    assert write_map(path, build_map(lock(), []))
    assert [left.name for left in tmp_path.iterdir()] == ["import_map.json"]
