"""Trees whose shared libraries have one name: each works with its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from mvlock.environment.link import LinkMode
from mvlock.plan.model import Action
from tests.install.world import World, run
from tests.support.native import shared_library

USE_BOTH = """
import ctypes, sys
print(*(ctypes.CDLL(path).answer() for path in sys.argv[1:]))
"""


def publish(world: World, folder: Path, version: str, value: str) -> World:
    """``a`` with a library ``libshared.so.1`` that gives a value, and ``user.so`` that gets the value from it."""
    folder.mkdir(exist_ok=True)
    shared = shared_library(folder, "libshared.so.1", f"{value}", soname="libshared.so.1")
    user = "int shared(void); int answer(void) { return shared(); }"
    needs = ("-L.", "-l:libshared.so.1", "-Wl,-rpath,$ORIGIN/../a.libs")
    files = {
        "a/__init__.py": "",
        "a/user.so": shared_library(folder, "user.so", user, *needs),
        "a.libs/libshared.so.1": shared,
    }
    return world.publish("a", version, files=files)


def returning(number: int) -> str:
    return f"int shared(void) {{ return {number}; }}"


def user(world: World, tree: str) -> Path:
    return world.site_packages(tree) / "a/user.so"


def own_links(world: World, tree: str) -> list[str]:
    libs = world.site_packages(tree) / "a.libs"
    return sorted(path.name for path in libs.iterdir() if path.is_symlink())


def answers(world: World, *trees: str) -> str:
    return run(world.root / "app/bin/python", "-c", USE_BOTH, *(user(world, tree) for tree in trees))


def test_each_tree_uses_its_own_library_in_whatever_order_they_are_loaded(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    publish(world, tmp_path / "two", "2.0", returning(2))
    world.install({"x": ["a 1.0"], "y": ["a 2.0"]})
    assert answers(world, "x", "y") == "1 2"
    assert answers(world, "y", "x") == "2 1"
    printed = [line for line in world.reporter.details if "libshared.so.1" in line]
    assert [line.partition(":")[0] for line in printed] == ["x", "y"]


def test_a_later_tree_does_not_change_existing_ones(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    publish(world, tmp_path / "two", "2.0", returning(2))
    world.install({"y": ["a 2.0"]})
    report = world.install({"x": ["a 1.0"], "y": ["a 2.0"]})
    assert report.plan.of(Action.KEEP) == ("y",)
    assert (own_links(world, "y"), len(own_links(world, "x"))) == ([], 1)
    assert answers(world, "y", "x") == "2 1"
    assert answers(world, "x", "y") == "1 2"


def test_equal_libraries_and_lone_ones_stay_as_they_are(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]})
    assert (own_links(world, "x"), own_links(world, "y")) == ([], [])
    assert user(world, "x").read_bytes() == (tmp_path / "one/user.so").read_bytes()


def test_a_library_that_is_found_by_its_name_is_one_file_in_all_trees(world: World, tmp_path: Path) -> None:
    world.folder.write(tool='share = "none"')
    publish(world, tmp_path / "one", "1.0", returning(1))
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, link_mode=LinkMode.HARDLINK)
    found = {(world.site_packages(tree) / "a.libs/libshared.so.1").stat().st_ino for tree in ("x", "y")}
    assert (len(found), user(world, "x").stat().st_ino != user(world, "y").stat().st_ino) == (1, True)


KEEPS = "void *Py_None(void); void *kept; int shared(void) { return kept == 0; } int keep(void) { kept = Py_None; }"


def test_equal_libraries_that_keep_python_objects_are_each_trees_own_unless_shared(
    world: World, tmp_path: Path
) -> None:
    publish(world, tmp_path / "one", "1.0", KEEPS)
    trees = {"x": ["a 1.0"], "y": ["a 1.0"]}
    for share, own in (("identical", 0), ("none", 1), ("identical", 0)):
        world.folder.write(tool=f'share = "{share}"')
        report = world.install(trees)
        links = own_links(world, "x"), own_links(world, "y")
        assert sum(map(len, links)) == own, "one has a name of its own, or none"
        assert world.install(trees).plan.is_empty
        assert report.plan.of(Action.KEEP) in {(), ("x",)}


def test_libraries_of_trees_that_share_have_one_name_beside_a_third_tree(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    publish(world, tmp_path / "two", "2.0", returning(2))
    trees = {"x": ["a 1.0"], "y": ["a 1.0"], "z": ["a 2.0"]}
    world.install(trees)
    assert own_links(world, "x") == own_links(world, "y") != own_links(world, "z")
    assert answers(world, "x", "y", "z") == "1 1 2"
    world.install({name: trees[name] for name in "xz"})
    world.install(trees)
    assert own_links(world, "x") == own_links(world, "y")
    assert world.install(trees).plan.is_empty


def test_a_library_of_a_shared_distribution_is_one_for_what_each_tree_links_to_it(world: World, tmp_path: Path) -> None:
    """As with extensions of torch, which may differ from tree to tree."""
    counts = "int Py_IsInitialized(void); int n; int shared(void) { return Py_IsInitialized() ? ++n : 0; }"
    library = shared_library(tmp_path, "libcount.so.1", counts, soname="libcount.so.1")
    world.publish("base", files={"base/__init__.py": "", "base/libcount.so.1": library})
    asks = "int shared(void); int answer(void) { return shared(); }"
    needs = ("-L.", "-l:libcount.so.1", "-Wl,-rpath,$ORIGIN/../base")
    for version in ("1.0", "2.0"):
        code = asks + f"int version = {version[0]};"
        world.publish(
            "a", version, files={"a/__init__.py": "", "a/user.so": shared_library(tmp_path, "u.so", code, *needs)}
        )
    trees = {"x": ["a 1.0", "base 1.0"], "y": ["a 2.0", "base 1.0"]}
    for share, expected in (("identical", "1 2"), ("none", "1 1"), ("identical", "1 2")):
        world.folder.write(tool=f'share = "{share}"')
        world.install(trees)
        assert answers(world, "x", "y") == expected


def test_record_is_correct_for_changed_libraries(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    publish(world, tmp_path / "two", "2.0", returning(2))
    world.install({"x": ["a 1.0"], "y": ["a 2.0"]})
    check = (
        "import importlib.metadata as m, hashlib, base64\n"
        "for f in m.files('a'):\n"
        "    digest = base64.urlsafe_b64encode(hashlib.sha256(f.locate().read_bytes()).digest()).rstrip(b'=')\n"
        "    assert not f.hash or f.hash.value == digest.decode(), f\n"
        "print(len(m.files('a')))"
    )
    assert world.python("py_modules/x", check) == "9"


def test_a_library_without_soname_is_known_by_its_file(world: World, tmp_path: Path) -> None:
    for number, version in ((1, "1.0"), (2, "2.0")):
        folder = tmp_path / version
        folder.mkdir()
        plain = shared_library(folder, "libplain.so", returning(number))
        asks = "int shared(void); int answer(void) { return shared(); }"
        files = {
            "a/__init__.py": "",
            "a/user.so": shared_library(folder, "user.so", asks, "-l:libplain.so", "-L.", "-Wl,-rpath,$ORIGIN"),
            "a/libplain.so": plain,
        }
        world.publish("a", version, files=files)
    world.install({"x": ["a 1.0"], "y": ["a 2.0"]})
    assert answers(world, "x", "y") == "1 2"


def test_the_tools_of_the_system_see_well_formed_files(world: World, tmp_path: Path) -> None:
    publish(world, tmp_path / "one", "1.0", returning(1))
    publish(world, tmp_path / "two", "2.0", returning(2))
    world.install({"x": ["a 1.0"], "y": ["a 2.0"]})
    (own,) = own_links(world, "x")
    output = subprocess.run(["ldd", user(world, "x")], capture_output=True, text=True, check=True).stdout
    assert f"{own} => " in output
    assert "not found" not in output
