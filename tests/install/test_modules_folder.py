"""The folder of the trees may be a link to another disk; what is not this project's is not touched there either."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.errors import LocalError, NetworkFailure
from tests.install.test_sources import directory
from tests.install.world import World, run
from tests.support.release import Release


@pytest.fixture
def disk(world: World, tmp_path: Path) -> Path:
    """Where the project's py_modules lead; it is not there yet."""
    place = tmp_path / "disk" / "trees"
    (world.root / "py_modules").symlink_to(place)
    return place


def test_trees_below_a_link_work_by_both_paths(world: World, disk: Path) -> None:
    source = world.folder.add_source("libs/a", Release("a", "1.0", scripts={"told": "a:told"}))
    (source / "src/a/__init__.py").write_text("def told(): print('told')\n")
    world.add(directory("a", "libs/a", editable=True)).install({"x": ["a 1.0"]})
    assert run(disk / "x/bin/told") == run(world.root / "app/bin/told") == "told"
    assert world.python("app", "import a; a.told()") == "told"
    assert not world.install({"x": ["a 1.0"]}).changed
    world.install({})
    assert not (disk / "x").exists()
    assert (world.root / "py_modules").is_symlink()


def test_what_else_is_there_stays(world: World, disk: Path) -> None:
    (disk / "x").mkdir(parents=True)
    (disk / "x/mine").touch()
    (disk / "thesis.txt").touch()
    world.publish("a").publish("b")
    with pytest.raises(LocalError, match="was not made by mvlock") as caught:
        world.install({"x": ["a 1.0"]})
    assert caught.value.code == "folder-not-ours"
    world.install({"y": ["b 1.0"]})
    world.install({})
    assert sorted(path.name for path in disk.iterdir() if path.name[0] != ".") == ["thesis.txt", "x"]
    assert not (disk / ".gitignore").exists()
    assert (disk / "x/mine").exists()


def test_trees_of_another_project_are_not_touched(world: World, tmp_path: Path) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    others = tmp_path / "other/py_modules"
    others.parent.mkdir()
    (world.root / "py_modules").rename(others)
    (world.root / "py_modules").symlink_to(others)
    with pytest.raises(LocalError, match="the trees of another project") as caught:
        world.install({})
    assert caught.value.code == "folder-not-ours"
    assert (others / "x/bin/python").exists()


def test_a_folder_outside_is_for_one_project(world: World, disk: Path, tmp_path: Path) -> None:
    world.publish("a").install({"x": ["a 1.0"]})
    other = tmp_path / "other"
    (disk / ".mvlock-project").write_text(f"{other}\n")
    with pytest.raises(LocalError, match=f"the trees of {other}"):
        world.install({})
    assert (disk / "x").exists()


def test_an_application_that_is_a_link_is_not_replaced(world: World, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (world.root / "app").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LocalError, match="was not made by mvlock"):
        world.install({})
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert (world.root / "app").is_symlink()


def test_an_install_that_fails_leaves_link_and_folder_as_they_were(world: World, disk: Path) -> None:
    disk.mkdir(parents=True)
    lock = world.publish("a").lock({"x": ["a 1.0"]})
    world.folder.index.remove_project("a")
    with pytest.raises(NetworkFailure):
        world.install(lock)
    assert list(disk.iterdir()) == []
    assert (world.root / "py_modules").is_symlink()


def test_a_tree_that_is_a_link_is_neither_replaced_nor_removed(world: World, tmp_path: Path) -> None:
    world.publish("a").publish("a", "2.0").install({"x": ["a 1.0"]})
    elsewhere = tmp_path / "elsewhere"
    (world.root / "py_modules/x").rename(elsewhere)
    (world.root / "py_modules/x").symlink_to(elsewhere)
    with pytest.raises(LocalError, match="was not made by mvlock"):
        world.install({"x": ["a 2.0"]})
    world.install({})
    assert (elsewhere / "bin/python").exists()
    assert (world.root / "py_modules/x").is_symlink()
