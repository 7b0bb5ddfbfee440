"""What docs/clusters.md shows is true: its project, its commands, and their output."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.e2e.markdown import Block, answers_in, read_page
from tests.frameworks.application import free_port
from tests.support.real import skip_without_index

DASK = read_page("docs/clusters.md").section("dask.distributed")
PORT = "18786"

pytestmark = [
    pytest.mark.index,
    pytest.mark.skipif(sys.platform != "linux", reason="the page's project is locked for Linux"),
    pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the page's project is for Python 3.11"),
]


def block(language: str, holding: str) -> Block:
    """The first block of the page that has a text."""
    return next(block for block in DASK.blocks if block.language == language and holding in block.text)


def mvlock(project: Path, cache: Path, *words: str) -> None:
    """Run a command in the project; skip the test where the index cannot be reached."""
    options = ["--quiet", "--project", str(project), "--cache-dir", str(cache)]
    done = subprocess.run(
        [sys.executable, "-m", "mvlock", *options, *words], capture_output=True, text=True, check=False
    )
    skip_without_index(done.returncode, done.stderr)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def project(kept: Callable[[str], Path], tmp_path: Path) -> Path:
    """The page's project with an archive of it; its lock is kept between runs."""
    folder, root = kept("clusters"), tmp_path / "cluster"
    root.mkdir()
    (root / "pyproject.toml").write_text(block("toml", "[project]").text, "utf-8")
    (root / "work.py").write_text(block("python", "def doubled").text, "utf-8")
    (root / "main.py").write_text(block("python", "with Client").text, "utf-8")
    with suppress(FileNotFoundError):
        shutil.copy(folder / "mv.lock", root)
    for words in (["resolve"], ["install"], ["pack", "--output", str(root / "cluster.tar.zst")]):
        mvlock(root, folder / "cache", *words)
    shutil.copy(root / "mv.lock", folder)
    return root


def unpacked(project: Path, folder: Path) -> Path:
    """A copy as another machine has it, with a Python at a path of its own."""
    folder.mkdir()
    subprocess.run(["tar", "--zstd", "-xf", project / "cluster.tar.zst"], cwd=folder, check=True)
    shutil.copy(project / "work.py", folder)
    python = folder.with_name(f"python-of-{folder.name}")
    python.symlink_to(getattr(sys, "_base_executable", sys.executable))
    subprocess.run([python, "app/unpack.py"], cwd=folder, check=True, capture_output=True)
    return folder


@contextmanager
def running(folder: Path, command: str, port: str) -> Iterator[None]:
    """A command of the page, in a folder and at a port, until the test is over."""
    with subprocess.Popen(
        command.replace(PORT, port).split(), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def test_workers_from_unpacked_copies_give_objects_of_both_versions_back(project: Path, tmp_path: Path) -> None:
    scheduler, one, two = (line.removeprefix("$ ") for line in block("console", "dask scheduler").text.splitlines())
    answer, port = block("console", "$ app/bin/python main.py"), free_port()
    workers = [unpacked(project, tmp_path / name) for name in ("w1", "w2")]
    with running(project, scheduler, port), running(workers[0], one, port), running(workers[1], two, port):
        command = answer.text.splitlines()[0].removeprefix("$ ").replace(PORT, port).split()
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.splitlines() == answers_in(answer), done.stderr
