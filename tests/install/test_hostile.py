"""Invalid wheels end an install with exit code 4, and the project is as before."""

from __future__ import annotations

import hashlib
import stat
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from mvlock.errors import BadArtifact, MvlockError
from mvlock.lock.model import LockedFile, LockedPackage
from tests.install.world import World
from tests.store.hostile import INFO, row, write_wheel
from tests.support.faults import FaultKind

EVIL = b"x = 1\n"


def _twice(folder: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns whoever writes such an archive
        return write_wheel(folder, {"a/x.py": b"one"}, more={"a/x.py": b"two"})


def _points(command: str) -> Callable[[Path], Path]:
    return lambda folder: write_wheel(
        folder, {f"{INFO}/entry_points.txt": f"[console_scripts]\n{command} = a:main\n".encode()}
    )


def _cut_off(folder: Path) -> Path:
    wheel = write_wheel(folder, {"a/x.py": EVIL})
    wheel.write_bytes(wheel.read_bytes()[:-40])
    return wheel


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "leaves the target directory": lambda folder: write_wheel(folder, {"../evil.py": EVIL}),
    "absolute path": lambda folder: write_wheel(folder, {"/evil.py": EVIL}),
    "symbolic link": lambda folder: write_wheel(
        folder, {"a/link": b"/etc/passwd"}, modes={"a/link": stat.S_IFLNK | 0o777}
    ),
    "appears twice": _twice,
    "collides with": lambda folder: write_wheel(folder, {"a/x.py": b"one", "a/X.py": b"two"}),
    "claim to unpack to": lambda folder: write_wheel(folder, {"a/zeros": bytes(80 * 1024 * 1024)}),
    "does not match RECORD": lambda folder: write_wheel(
        folder,
        {"a/x.py": EVIL},
        record="\n".join([row("a/x.py", b"other1"), *_info_rows(folder), f"{INFO}/RECORD,,"]),
    ),
    "is not allowed": _points("python"),
    "cannot be read": _cut_off,
}


def _info_rows(folder: Path) -> list[str]:
    from tests.store.hostile import METADATA, WHEEL

    return [row(f"{INFO}/METADATA", METADATA), row(f"{INFO}/WHEEL", WHEEL)]


@pytest.mark.parametrize("reason", HOSTILE)
def test_a_hostile_wheel_is_refused_by_name_and_the_project_is_untouched(
    world: World, tmp_path: Path, reason: str
) -> None:
    wheel = HOSTILE[reason](tmp_path)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    world.folder.index.publish_file("a", wheel.name, wheel.read_bytes())
    file = LockedFile(name=wheel.name, hashes={"sha256": digest})
    world.add(LockedPackage(name="a", version="1.0", index="local", wheels=(file,)))
    before = world.snapshot()
    with pytest.raises(BadArtifact) as caught:
        world.install({"x": ["a 1.0"]})
    assert caught.value.exit_code == 4
    assert wheel.name in caught.value.message
    assert reason in caught.value.message
    assert world.snapshot() == before
    assert not list(tmp_path.rglob("evil.py"))


def test_another_file_than_the_locked_one_leaves_no_folder(world: World) -> None:
    lock = world.publish("a").lock({"x": ["a 1.0"]})
    name = lock.packages[0].wheels[0].name
    world.folder.index.publish_file("a", name, b"other bytes")
    before = world.snapshot()
    with pytest.raises(BadArtifact, match="sha256"):
        world.install(lock)
    assert world.snapshot() == before


@pytest.mark.parametrize(("kind", "exit_code"), [("drop", 3), ("truncate", 4)])
def test_a_download_that_is_always_cut_off_is_refused_and_the_project_is_untouched(
    world: World, kind: FaultKind, exit_code: int
) -> None:
    lock = world.publish("a").lock({"x": ["a 1.0"]})
    world.folder.index.fail("a-1.0", kind)
    before = world.snapshot()
    with pytest.raises(
        MvlockError, match=r"could not fetch a-1.0-py3-none-any.whl from .*: the connection was interrupted"
    ) as caught:
        world.install(lock)
    assert caught.value.exit_code == exit_code
    assert world.snapshot() == before


def test_more_bytes_than_were_locked_are_not_taken(world: World) -> None:
    lock = world.publish("a").lock({"x": ["a 1.0"]})
    (package,) = lock.packages
    shorter = replace(package, wheels=(replace(package.wheels[0], size=10),))
    with pytest.raises(BadArtifact, match="sent more than 10 bytes"):
        world.install(replace(lock, packages=(shorter,)))


def test_a_file_of_one_distribution_that_is_a_folder_of_another_is_refused(world: World) -> None:
    world.publish("a", files={"shared": "a file"}).publish("b", files={"shared/x.py": ""})
    before = world.snapshot()
    with pytest.raises(BadArtifact, match="shared") as caught:
        world.install({"x": ["a 1.0", "b 1.0"]})
    assert caught.value.code == "files-collide"
    assert world.snapshot() == before
