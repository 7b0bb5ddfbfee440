"""A lock says which Pythons it is for; another one is refused, or locked for on request."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mvlock.interpreter.probe import __file__ as probe
from mvlock.lock.lockfile import read_lock
from mvlock.resolver.target import NEWEST
from tests.commands.command_line import Mvlock
from tests.support.project import ProjectFolder

NEWER = NEWEST + 1
HERE = sys.version_info.minor

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the newer Python is a shell script")


@pytest.fixture
def newer_python(tmp_path: Path) -> Path:
    """A Python that reports a newer version than any known one."""
    here, there = f"3.{HERE}", f"3.{NEWER}"
    version = ".".join(map(str, sys.version_info[:3]))
    path = tmp_path / "newer" / f"python{there}"
    path.parent.mkdir()
    path.write_text(
        f"#!{sys.executable}\n"
        "import json, subprocess, sys\n"
        f"command = [{sys.executable!r}, *sys.argv[1:]]\n"
        "said = subprocess.run(command, capture_output=True, text=True, check=True).stdout\n"
        f"if {probe!r} in sys.argv:\n"
        f"    said = said.replace({version!r}, '{there}.0').replace('{here}', '{there}')\n"
        f"    said = said.replace('cp3{HERE}', 'cp3{NEWER}')\n"
        "    said = json.dumps(json.loads(said) | {'path': sys.argv[0]})\n"
        "print(said, end='')\n",
        encoding="utf-8",
    )
    path.chmod(0o755)
    return path


@pytest.fixture
def with_markers(project: ProjectFolder) -> ProjectFolder:
    """Known Pythons have ``old``, newer ones ``new``."""
    for name in ("old", "new"):
        project.index.publish(name, "1.0")
    return project.write([f"old; python_version < '3.{NEWER}'", f"new; python_version >= '3.{NEWER}'"])


def locked(project: ProjectFolder) -> tuple[str, list[str]]:
    """What the lock says of its Pythons, and what it has."""
    lock = read_lock(project.root / "mv.lock")
    return lock.requires_python, sorted(package.name for package in lock.packages)


def test_a_lock_is_for_the_pythons_that_were_known(
    mvlock: Mvlock, with_markers: ProjectFolder, newer_python: Path
) -> None:
    assert mvlock("resolve").code == 0
    assert locked(with_markers) == (f"<3.{NEWER},>=3.10", ["old"])
    outcome = mvlock("install", "--python", str(newer_python))
    assert outcome.code == 1
    assert outcome.err == (
        f"error: the lock is for Python <3.{NEWER},>=3.10, and this is Python 3.{NEWER}.0\n\n"
        f"hint: run `mvlock resolve --python {newer_python}` to lock for it too\n"
    )


@pytest.mark.parametrize("by_path", [True, False])
def test_a_newer_python_that_is_named_is_locked_for_and_stays(
    mvlock: Mvlock, with_markers: ProjectFolder, newer_python: Path, by_path: bool
) -> None:
    named = str(newer_python) if by_path else f"3.{NEWER}"
    assert mvlock("resolve").code == 0
    assert mvlock("resolve", "--check", "--python", named).code == 1
    assert mvlock("resolve", "--python", named).code == 0
    both = (f"<3.{NEWER + 1},>=3.10", ["new", "old"])
    assert locked(with_markers) == both
    assert mvlock("resolve", "--check", "--python", named).code == 0
    assert mvlock("resolve", "--upgrade").code == 0
    assert locked(with_markers) == both
    planned = mvlock("install", "--python", str(newer_python), "--dry-run")
    assert "+ new 1.0" in planned.out
    assert "+ old" not in planned.out


def test_a_project_for_the_pythons_that_come_is_locked(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.index.publish("a", "1.0")
    project.write(["a"], python=f">=3.{NEWER}")
    assert mvlock("resolve").code == 0
    assert locked(project) == (f"<3.{NEWER + 1},>=3.{NEWER}", ["a"])


def test_a_lock_for_one_python_is_for_that_one(mvlock: Mvlock, with_markers: ProjectFolder, newer_python: Path) -> None:
    assert mvlock("resolve", "--only-host", "--python", str(newer_python)).code == 0
    assert locked(with_markers) == (f"<3.{NEWER + 1},>=3.10", ["new"])
    assert "+ new 1.0" in mvlock("install", "--python", str(newer_python), "--dry-run").out
    refused = mvlock("install", "--python", sys.executable)
    assert refused.code == 1
    assert "hint: run `mvlock resolve --python" in refused.err


def test_the_python_to_install_for_is_one_that_the_lock_has(mvlock: Mvlock, project: ProjectFolder) -> None:
    """The Python that runs mvlock comes first, but the lock was made before it was known."""
    project.index.publish("a", "1.0")
    project.write(["a"])
    assert mvlock("resolve").code == 0
    path = project.root / "mv.lock"
    path.write_text(path.read_text("utf-8").replace(f'"<3.{NEWER},>=3.10"', f'"<3.{HERE},>=3.{HERE - 1}"'), "utf-8")
    outcome = mvlock("install")
    if outcome.code == 0:
        assert (project.root / "app" / "lib" / f"python3.{HERE - 1}").is_dir()
    else:
        assert f"error: the lock is for Python <3.{HERE},>=3.{HERE - 1}, and this is Python 3." in outcome.err
    assert mvlock("install", "--python", sys.executable).code == 1
