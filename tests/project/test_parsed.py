"""A project that was read before is the same without reading it again, while nothing has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mvlock.errors import LocalError
from mvlock.project.load import load_project
from mvlock.project.model import Project
from mvlock.project.parsed import read_project

TEXT = """
[project]
name = "Some.App"
requires-python = ">=3.11,<4"
dependencies = ["A-B[x,y]>=1.0,!=1.5; python_version < '3.13'", "c @ https://files.example.invalid/c-1.0.tar.gz"]
scripts = { run = "app.main:run" }
[project.optional-dependencies]
extra = ["d==2.*"]
[dependency-groups]
dev = ["e"]
[tool.mvlock]
environments = ["sys_platform == 'linux'"]
constraints = ["f<2"]
share = { never = ["a-b"] }
[tool.mvlock.alias]
a_old = "a-b<1"
[tool.mvlock.sources]
d = { git = "https://git.example.invalid/d", rev = "main" }
e = { index = "own" }
[[tool.mvlock.index]]
name = "own"
url = "https://own.example.invalid/simple"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's folder."""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").write_text(TEXT)
    return tmp_path / "project"


@pytest.fixture
def read(root: Path, tmp_path: Path) -> Callable[[], Project]:
    """Reads the project, by the cache."""
    return lambda: read_project(root, tmp_path / "cache")


@pytest.mark.parametrize(
    "limit",
    [
        "",
        'exclude-newer = "7 days"',
        "exclude-newer = 2026-01-01T00:00:00Z",
        'exclude-newer-package = { a = false, b = 2026-01-01, c = "7 days" }',
    ],
)
def test_it_is_what_the_file_says(root: Path, read: Callable[[], Project], limit: str) -> None:
    (root / "pyproject.toml").write_text(TEXT.replace("[tool.mvlock]\n", f"[tool.mvlock]\n{limit}\n"))
    assert [read(), read()] == [load_project(root)] * 2


def test_nothing_is_checked_again(root: Path, read: Callable[[], Project], tmp_path: Path) -> None:
    read()
    code = (
        "import sys, pathlib\nfrom mvlock.project.parsed import read_project\n"
        f"read_project(pathlib.Path({str(root)!r}), pathlib.Path({str(tmp_path / 'cache')!r}))\n"
        "print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_an_edit_counts_at_once(root: Path, read: Callable[[], Project]) -> None:
    read()
    (root / "pyproject.toml").write_text(TEXT.replace("Some.App", "other"))
    assert read().name == "other"
    (root / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(LocalError):
        read()


def test_a_new_folder_of_sources_counts_at_once(root: Path, read: Callable[[], Project]) -> None:
    assert read().source_folders == (".",)
    (root / "src").mkdir()
    assert read().source_folders == ("src", ".")


def test_a_moved_project_is_another(root: Path, read: Callable[[], Project], tmp_path: Path) -> None:
    read()
    moved = root.rename(tmp_path / "moved")
    assert read_project(moved, tmp_path / "cache").root == moved


def test_a_source_on_the_disk_is_looked_at_every_time(root: Path, read: Callable[[], Project]) -> None:
    (root / "e").mkdir()
    (root / "e" / "pyproject.toml").touch()
    (root / "pyproject.toml").write_text(TEXT.replace('{ index = "own" }', '{ path = "e" }'))
    assert read() == read()
    (root / "e" / "pyproject.toml").unlink()
    with pytest.raises(LocalError):
        read()


@pytest.mark.parametrize("damage", [b"", b"{}", b"null\n{}", b"\xff\n\xff"])
def test_a_damaged_record_is_not_believed(read: Callable[[], Project], tmp_path: Path, damage: bytes) -> None:
    before = read()
    (record,) = (tmp_path / "cache").rglob("*.json")
    content = record.read_bytes()
    record.write_bytes(content.replace(b"Some.App", b"Evil.App"))
    assert read() == before
    record.write_bytes(damage)
    assert read() == before


def test_a_cache_that_cannot_be_written_is_no_obstacle(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert read_project(root, tmp_path / "cache") == load_project(root)
