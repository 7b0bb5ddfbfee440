"""A git merge conflict in mv.lock: reported by every command, resolved by ``resolve`` from what both sides locked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from mvlock.commands.changes import lock_changes
from mvlock.lock.model import Lock, LockedTree, TreePackage
from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex) -> None:
    for name in ("a", "b", "c", "d"):
        index.publish(name, "1.0")


def merged(project: ProjectFolder, base: bytes, ours: bytes, theirs: bytes, *options: str) -> str:
    """What git leaves in mv.lock."""
    paths = []
    for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
        path = project.root / f"{name}.lock"
        path.write_bytes(content)
        paths.append(str(path))
    done = subprocess.run(["git", "merge-file", "-p", *options, *paths], capture_output=True, check=False)
    assert done.returncode > 0
    for path_text in paths:
        Path(path_text).unlink()
    return done.stdout.decode()


def locked(mvlock: Mvlock, project: ProjectFolder, *dependencies: str) -> bytes:
    project.write(dependencies)
    assert mvlock("resolve").code == 0
    return (project.root / "mv.lock").read_bytes()


@pytest.mark.parametrize("style", [(), ("--diff3",)])
def test_both_sides_pins_are_kept(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, style: tuple[str, ...]
) -> None:
    base = locked(mvlock, project, "a")
    ours = locked(mvlock, project, "a", "b")
    (project.root / "mv.lock").write_bytes(base)
    theirs = locked(mvlock, project, "a", "c", "d")
    (project.root / "mv.lock").write_text(merged(project, base, ours, theirs, *style), encoding="utf-8")
    for name in ("a", "b", "c", "d"):
        index.publish(name, "2.0")
    project.write(["a", "b", "c", "d"])
    output = mvlock("install")
    assert (output.code, "contains both sides of a git merge conflict" in output.err) == (2, True)
    assert "run `mvlock resolve`: it keeps what both sides locked" in output.err
    assert mvlock("resolve", "--check").code == 2
    assert mvlock("resolve").code == 0
    text = (project.root / "mv.lock").read_text(encoding="utf-8")
    assert ("<<<" in text, 'version = "2.0"' in text, text.count("[[trees]]")) == (False, False, 4)
    assert mvlock("resolve", "--check").code == 0


def test_where_both_sides_upgraded_the_newer_version_is_kept(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    base = locked(mvlock, project, "a")
    index.publish("a", "2.0")
    ours = locked(mvlock, project, "a>1")
    (project.root / "mv.lock").write_bytes(base)
    index.publish("a", "3.0")
    theirs = locked(mvlock, project, "a>2")
    index.publish("a", "4.0")
    project.write(["a>1"])
    (project.root / "mv.lock").write_text(merged(project, base, ours, theirs), encoding="utf-8")
    assert mvlock("resolve").code == 0
    assert 'version = "3.0"' in (project.root / "mv.lock").read_text(encoding="utf-8")


def test_a_tree_can_be_upgraded_alone(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    locked(mvlock, project, "a", "b")
    index.publish("a", "2.0")
    index.publish("b", "2.0")
    outcome = mvlock("resolve", "--upgrade-tree", "b")
    assert (outcome.code, "~ b 1.0 → 2.0" in outcome.err, "~ a" in outcome.err) == (0, True, False)
    unknown = mvlock("resolve", "--upgrade-tree", "bb")
    assert (unknown.code, unknown.err) == (
        2,
        "error: mv.lock has no tree 'bb'; did you mean 'b'?\n",
    )


def test_a_new_dependency_changes_only_its_own_lines(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    index.publish("x", "1.0", requires=["c", "d"])
    before = locked(mvlock, project, "a", "x").decode().splitlines()
    for name in ("a", "c", "d", "x"):
        index.publish(name, "2.0")
    after = locked(mvlock, project, "a", "b", "x").decode().splitlines()
    gone = [line for line in before if line not in after]
    assert [line.split(" = ")[0] for line in gone] == ["inputs"]
    kept = iter(after)
    assert all(line in kept for line in before if line not in gone)


def test_what_a_tree_exposes_is_looked_up_again_where_a_side_is_a_fragment(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    """Git keeps both sides of lines; one that lost `imports` says nothing of them."""
    text = locked(mvlock, project, "a", "b").decode()
    fragment = "\n".join(line for line in text.splitlines() if not line.startswith("imports")) + "\n"
    broken = f"<<<<<<< ours\n{fragment}=======\n{text}>>>>>>> theirs\n"
    (project.root / "mv.lock").write_text(broken, encoding="utf-8")
    assert mvlock("resolve").code == 0
    assert (project.root / "mv.lock").read_text(encoding="utf-8") == text


def test_the_order_in_which_both_sides_come_is_no_change() -> None:
    one, two = (TreePackage(name="a", version=version) for version in ("1.9", "1.10"))
    tree = LockedTree(name="t", requires=("a",), packages=(one, two))
    lock = Lock(inputs="sha256:" + "0" * 64, trees=(tree,))
    other = replace(lock, trees=(replace(tree, packages=(two, one)),))
    assert lock_changes(other, lock) == ()
    assert [package.new for package in lock_changes(None, other)[0].packages] == ["1.9 | 1.10"]
