"""A full or read-only disk ends an install with a clear error; the project is as before, or complete."""

from __future__ import annotations

import dataclasses
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mvlock.environment.link import Linker, LinkMode
from mvlock.errors import LocalError
from mvlock.interpreter.model import Interpreter
from tests.install.world import World
from tests.support.disks import read_only, reflink_disk, resize, small_disk
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

# Random text does not shrink in a wheel: what is downloaded, unpacked, compiled and linked all needs room.
FILES = {f"a/m{number}.py": f"x = {os.urandom(4000).hex()!r}\n" for number in range(20)}
SMALLEST, STEP, ENOUGH = 64, 64, 8192


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SMALLEST) as place:
        yield place


def publish(world: World) -> World:
    for version in ("1.0", "2.0"):
        world.publish("a", version, files={**FILES, "a/__init__.py": f"__version__ = '{version}'\n"})
    return world


def seen(world: World) -> str:
    return world.python("app", "import a, a.m1; print(a.__version__)")


def used(disk: Path) -> int:
    """Kilobytes."""
    return shutil.disk_usage(disk).used // 1024


def install_on_ever_larger_disk(world: World, disk: Path, version: str) -> int:
    """How often there was too little room before an install succeeded; after each the project was as before."""
    before, refused = world.snapshot(), 0
    for size in range(used(disk) + SMALLEST, ENOUGH, STEP):
        resize(disk, size)
        try:
            world.install({"x": [f"a {version}"]})
        except LocalError as error:
            assert error.code == "disk-full", error
            assert world.snapshot() == before
            refused += 1
        else:
            return refused
    raise AssertionError("there was never enough room")


def test_a_full_disk_under_the_cache_leaves_the_project_as_it_was(
    project: ProjectFolder, interpreter: Interpreter, disk: Path
) -> None:
    world = publish(World(dataclasses.replace(project, cache=disk / "cache"), interpreter))
    assert install_on_ever_larger_disk(world, disk, "1.0") > 1
    assert seen(world) == "1.0"
    assert install_on_ever_larger_disk(world, disk, "2.0") > 1
    assert seen(world) == "2.0"


def test_a_full_disk_under_the_project_leaves_it_as_it_was(
    project: ProjectFolder, interpreter: Interpreter, disk: Path, index: LocalIndex
) -> None:
    root = disk / "my_app"
    root.mkdir()
    world = publish(World(ProjectFolder(root, project.cache, index).write(), interpreter))
    assert install_on_ever_larger_disk(world, disk, "1.0") > 1
    assert seen(world) == "1.0"
    resize(disk, used(disk) + SMALLEST)
    with pytest.raises(LocalError, match=r"No space"):
        world.install({"x": ["a 2.0"]})
    assert seen(world) == "1.0"
    resize(disk, ENOUGH)
    world.install({"x": ["a 2.0"]})
    assert seen(world) == "2.0"


def test_a_cache_that_cannot_be_written_is_enough_if_it_has_everything(world: World) -> None:
    publish(world).install({"x": ["a 1.0"]})
    shutil.rmtree(world.root / "py_modules")
    shutil.rmtree(world.root / "app")
    with read_only(world.folder.cache):
        world.install({"x": ["a 1.0"]})
        assert seen(world) == "1.0"
        before = world.snapshot()
        with pytest.raises(LocalError, match="Read-only") as caught:
            world.install({"x": ["a 2.0"]})
        assert caught.value.code == "file-system"
        assert world.snapshot() == before
    world.install({"x": ["a 2.0"]})
    assert seen(world) == "2.0"


def test_symbolic_links_into_a_read_only_cache_are_reported(world: World) -> None:
    publish(world).install({"x": ["a 1.0"]})
    with read_only(world.folder.cache):
        world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, link_mode=LinkMode.SYMLINK)
        assert seen(world) == "1.0"
    (note,) = world.reporter.notes
    assert note.startswith(f"the cache {world.folder.cache} is read-only")
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, link_mode=LinkMode.COPY)
    world.install({"x": ["a 1.0"], "y": ["a 1.0"]}, link_mode=LinkMode.SYMLINK)
    with read_only(world.folder.cache):
        world.install({"x": ["a 1.0"], "y": ["a 1.0"], "z": ["a 1.0"]}, link_mode=LinkMode.SYMLINK)
    assert len(world.reporter.notes) == 1


def test_where_the_store_can_take_no_further_copy_of_a_native_file_the_tree_has_it(tmp_path: Path) -> None:
    def refuse(source: str, spare: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system", spare)

    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text("native", "utf-8")
    Linker(refuse).place_private(str(source), str(target), str(tmp_path / "spare"))
    assert target.read_text("utf-8") == "native"
    assert (target.stat().st_nlink, target.stat().st_mtime_ns) == (1, source.stat().st_mtime_ns)


@pytest.mark.parametrize("mode", [LinkMode.AUTO, LinkMode.REFLINK])
def test_where_files_can_be_cloned_they_are(
    project: ProjectFolder, interpreter: Interpreter, index: LocalIndex, tmp_path: Path, mode: LinkMode
) -> None:
    with reflink_disk(tmp_path) as disk:
        root = disk / "my_app"
        root.mkdir()
        world = World(ProjectFolder(root, disk / "cache", index).write(), interpreter)
        world.publish("a", files={"a/__init__.py": "__version__ = '1.0'\n", "a/native.so": os.urandom(16_000_000)})
        world.publish("b").install({"x": ["a 1.0"]}, link_mode=mode)
        before = synced_use(disk)
        world.install({"x": ["a 1.0"], "y": ["a 1.0", "b 1.0"]}, link_mode=mode)
        places = [world.site_packages(tree) / "a/native.so" for tree in ("x", "y")]
        assert len({path.stat().st_ino for path in places}) == 2
        assert all(path.stat().st_nlink == 1 for path in places)
        assert synced_use(disk) - before < 4_000_000
        assert world.python("py_modules/y", "import a; print(a.__version__)") == "1.0"


def synced_use(disk: Path) -> int:
    os.sync()
    return shutil.disk_usage(disk).used


@pytest.mark.parametrize("mode", [LinkMode.HARDLINK, LinkMode.REFLINK])
def test_an_unsupported_link_mode_is_reported(world: World, disk: Path, mode: LinkMode) -> None:
    resize(disk, ENOUGH)
    there = dataclasses.replace(world, folder=dataclasses.replace(world.folder, cache=disk / "cache"))
    publish(there).install({"x": ["a 1.0"]}, link_mode=mode)
    note = f"--link-mode {mode.value} is not supported between the cache and the project: files are copied"
    assert there.reporter.notes == [note]
    assert seen(there) == "1.0"
    there.reporter.notes.clear()
    there.install({"x": ["a 2.0"]}, link_mode=LinkMode.COPY)
    there.install({"x": ["a 1.0"]})
    assert there.reporter.notes == []
