"""A flipped bit anywhere in the cache: what is installed is right all the same, and a plain install heals the cache.

The file's time stays as it was, as when a disk fails: only its status (ctime) has changed. The cache is a copy each
time, so nothing in it counts as known to be intact.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.robust.amounts import amount
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

FLIPS = amount(few=24, many=200)
_NOTES = {".mvlock.json", ".settled", ".told.json"}


def build_world(index: LocalIndex, project: ProjectFolder) -> None:
    """Wheels with modules, a command and data, two versions of a native file, and a distribution that is built."""
    modules = {"a/__init__.py": "y = [\n" + "1,\n" * 2000 + "]\n", "a/x.txt": "x"}
    index.publish("lib", "1.0", files={"lib/__init__.py": "v = 1\n", "lib/native.so": b"\x7fELF" + b"1" * 900})
    index.publish("lib", "2.0", files={"lib/__init__.py": "v = 2\n", "lib/native.so": b"\x7fELF" + b"2" * 900})
    index.publish("a", "1.0", requires=["lib<2"], scripts={"a": "a:main"}, files=modules)
    index.publish("b", "1.0", requires=["lib>=2"], files={"b/__init__.py": "import lib; v = lib.v\n"})
    index.publish("c", "1.0", wheel_tags=(), sdist=True, files={"c/__init__.py": "v = 'c'\n"})
    project.write(["a", "b", "c"])


def content(project: ProjectFolder) -> dict[str, bytes]:
    """What the trees hold, without notes of the install and without the head of bytecode, which has a time."""
    return {
        str(path.relative_to(project.root)): path.read_bytes()[16 if path.suffix == ".pyc" else 0 :]
        for path in sorted((project.root / "py_modules").rglob("*"))
        if path.is_file() and not path.is_symlink() and path.name not in _NOTES
    }


def flip(file: Path, chance: random.Random) -> None:
    """Flip a bit; time and mode stay."""
    data, status = bytearray(file.read_bytes()), file.stat()
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.chmod(0o600)
    file.write_bytes(bytes(data))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    file.chmod(status.st_mode & 0o777)


def forget_project(project: ProjectFolder) -> None:
    for name in ("py_modules", "app"):
        shutil.rmtree(project.root / name, ignore_errors=True)
    (project.root / "mv.lock").unlink(missing_ok=True)


def runs(project: ProjectFolder) -> str:
    """What the application sees."""
    words = [str(project.root / "app/bin/python"), "-c", "import a, b, c; print(len(a.y), b.v, c.v)"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.skipif(os.name == "nt", reason="the application's Python lies elsewhere")
def test_a_flipped_bit_never_reaches_a_tree(
    index: LocalIndex, project: ProjectFolder, mvlock: Mvlock, tmp_path: Path
) -> None:
    build_world(index, project)
    assert mvlock("resolve").code == mvlock("install").code == 0
    lock, good, kept = (project.root / "mv.lock").read_bytes(), content(project), tmp_path / "kept"
    project.cache.rename(kept)
    files = sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file() and path.stat().st_size)
    parts = sorted({path.parts[0] for path in files})
    chance = random.Random(20261130)
    for number in range(FLIPS):
        shutil.rmtree(project.cache, ignore_errors=True)
        shutil.copytree(kept, project.cache, symlinks=True)
        part = parts[number % len(parts)] if number % 2 else None  # each part of the cache has its turn
        victim = chance.choice([path for path in files if part in {None, path.parts[0]}])
        flip(project.cache / victim, chance)
        forget_project(project)
        for outcome in (mvlock("resolve"), mvlock("install")):
            assert outcome.code == 0, (victim, outcome)
        assert (project.root / "mv.lock").read_bytes() == lock, victim
        assert content(project) == good, victim
        assert runs(project) == "2000 2 c", victim
        assert mvlock("verify").code == 0, victim
