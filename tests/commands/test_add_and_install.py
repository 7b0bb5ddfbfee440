"""``mvlock add`` and ``remove`` do all of it or nothing: edit, lock and install; once, and one after the other."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock, files_below
from tests.commands.test_interrupted import interrupted
from tests.commands.test_killed import ROOT, start
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, write_source

NAMES = ("a", "b", "c", "d", "e")
_WHEEL = "b-2.0-py3-none-any.whl"
AS_BEFORE = "\npyproject.toml and mv.lock are unchanged; `--no-install` changes them without installing\n"


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """Every project has two versions; what ``needs-hard`` and ``needs-wrong`` need can be resolved, not installed."""
    for name in NAMES:
        index.publish(name, "1.0")
        index.publish(name, "2.0")
    index.publish("hard", "1.0", wheel_tags=(), sdist=True, build_error="no compiler")
    (served,) = index.publish("wrong", "1.0")
    index.publish_file("wrong", served.filename, served.content + b"x", hashes=served.hashes, metadata=served.metadata)
    index.publish("needs-hard", "1.0", requires=["hard"])
    index.publish("needs-wrong", "1.0", requires=["wrong"])
    project.write(["a<2"])


FAILURES = {
    "a bad wheel": ("needs-wrong", 4),
    "a build": ("needs-hard", 4),
}


@pytest.mark.parametrize(("name", "code"), FAILURES.values(), ids=FAILURES.keys())
@pytest.mark.parametrize("locked", [True, False])
def test_what_cannot_be_installed_is_not_added(
    mvlock: Mvlock, project: ProjectFolder, name: str, code: int, locked: bool
) -> None:
    if locked:
        mvlock("install")
    before = files_below(project.root)
    outcome = mvlock("add", "b", name)
    assert (outcome.code, AS_BEFORE in outcome.err) == (code, True), outcome.err
    assert "Added" not in outcome.err
    assert files_below(project.root) == before
    assert mvlock("add", "b", name, "--no-install").code == 0
    assert f"{name}>=1.0" in project.pyproject.read_text("utf-8")


def test_what_cannot_be_installed_is_not_removed_either(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a<2", "needs-wrong"])
    mvlock("resolve")
    before = files_below(project.root)
    assert AS_BEFORE in mvlock("remove", "a").err
    assert files_below(project.root) == before


def test_an_interrupted_add_leaves_everything_as_it_was(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    mvlock("install")
    before = files_below(project.root)
    index.publish("needs-b", "1.0", requires=["b"])
    index.clear_requests()
    index.fail(_WHEEL, "slow", seconds=1.0)
    code, _, err = interrupted(project, lambda: f"/files/{_WHEEL}" in index.paths(".whl"), "add", "needs-b")
    assert (code, err) == (130, "interrupted\n")
    assert files_below(project.root) == before


def test_the_time_of_the_install_is_not_counted_as_locking(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    mvlock("install")
    index.fail(_WHEEL, "slow", seconds=1.0)
    lines = mvlock("add", "b").err.splitlines()
    (installed,) = (line for line in lines if line.startswith("Installed"))
    assert float(re.findall(r"in (\d+\.\d) s", installed)[0]) >= 1.0, lines


def _start_slow_download(project: ProjectFolder, index: LocalIndex, seconds: float) -> subprocess.Popen[bytes]:
    """``mvlock add needs-b`` at the moment at which it installs, and downloads."""
    index.publish("needs-b", "1.0", requires=["b"])
    index.clear_requests()
    index.fail(_WHEEL, "slow", seconds=seconds)
    process = start(project, "add", "needs-b")
    while f"/files/{_WHEEL}" not in index.paths(".whl"):
        assert process.poll() is None
        time.sleep(0.01)
    return process


def test_a_killed_add_blocks_nothing(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    mvlock("install")
    process = _start_slow_download(project, index, 1.0)
    process.kill()
    process.wait()
    index.clear_faults()
    outcome = mvlock("add", "c")
    assert (outcome.code, "waiting" in outcome.err) == (0, False), outcome.err
    assert mvlock("verify").code == mvlock("resolve", "--check").code == 0
    assert (project.root / "py_modules/c").exists()


@pytest.mark.parametrize("variable", [False, True])
def test_no_install_leaves_it_at_the_lock(
    mvlock: Mvlock, project: ProjectFolder, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    if variable:
        monkeypatch.setenv("MVLOCK_NO_INSTALL", "1")
    outcome = mvlock("add", "b", *([] if variable else ["--no-install"]))
    assert outcome.told[-1] == "Locked 2 distributions, one version of each, in mv.lock in 0.0 s (2 changed)"
    assert sorted(path.name for path in project.root.iterdir()) == ["mv.lock", "pyproject.toml"]


def test_a_dry_run_shows_all_three_and_changes_nothing(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install")
    before = files_below(project.root)
    outcome = mvlock("add", "b", "--dry-run")
    assert outcome.out.splitlines()[4:] == [
        '-dependencies = ["a<2"]',
        '+dependencies = ["a<2", "b>=2.0"]',
        " ",
        "+ b 2.0",
        "create b",
        "  + b 2.0",
    ]
    assert outcome.err == "mv.lock would change\nNothing was changed (--dry-run)\n"
    outcome = mvlock("remove", "a", "--dry-run", "--no-install")
    assert outcome.out.splitlines()[4:] == ['-dependencies = ["a<2"]', "+dependencies = []", " ", "- a 1.0"]
    assert files_below(project.root) == before


def test_one_resolve_asks_once_and_says_everything_once(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    project.write(["a<2"], extra='[tool.mvlock.sources]\nunused = { index = "local" }')
    index.clear_requests()
    outcome = mvlock("add", "b", "c", "--no-install")
    assert outcome.err.count("note:") == 1
    assert [index.paths(f"/simple/{name}/") for name in "bc"] == [["/simple/b/"], ["/simple/c/"]]


@pytest.mark.parametrize("words", [("b", "c"), ("b", "--dev"), ("b", "--alias", "b_new"), ("b", "c", "--tree", "web")])
@pytest.mark.parametrize("isolate", ["each", "conflicts"])
def test_the_lock_is_what_a_resolve_of_the_result_gives(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, words: tuple[str, ...], isolate: str
) -> None:
    """One tree needs an older version of what is added."""
    index.publish("old", "1.0", requires=["b<2"])
    project.write(["a<2", "old"], tool=f'isolate = "{isolate}"', extra='[dependency-groups]\ndev = ["b"]')
    assert mvlock("add", "--no-install", *words).code == 0
    lock = project.root / "mv.lock"
    added = lock.read_text("utf-8")
    assert mvlock("resolve", "--check").code == 0
    lock.unlink()
    assert mvlock("resolve").code == 0
    assert lock.read_text("utf-8") == added


def test_several_at_once_are_all_done(mvlock: Mvlock, project: ProjectFolder) -> None:
    words = [
        ("add", "b"),
        ("add", "c", "--no-install"),
        ("add", "d", "--dev"),
        ("add", "e"),
        ("resolve",),
        ("install",),
    ]
    under_way = [start(project, *each) for each in words]
    codes = [process.wait() for process in under_way]
    assert [code for code, each in zip(codes, words, strict=True) if each[0] == "add"] == [0] * 4
    text = project.pyproject.read_text("utf-8")
    assert [name for name in ("b", "c", "d", "e") if f'"{name}>=2.0"' not in text] == []
    assert mvlock("resolve", "--check").code == mvlock("install").code == mvlock("verify").code == 0
    under_way = [start(project, "remove", *each) for each in (("b",), ("c",), ("d", "--dev"))]
    assert [process.wait() for process in under_way] == [0] * 3
    assert mvlock("resolve", "--check").code == mvlock("verify").code == 0
    assert sorted(path.name for path in (project.root / "py_modules").iterdir() if path.is_dir()) == ["a", "e"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
def test_who_waits_says_so_after_a_second(mvlock: Mvlock, project: ProjectFolder, index: LocalIndex) -> None:
    mvlock("install")
    first = _start_slow_download(project, index, 4.0)
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    words = [sys.executable, "-m", "mvlock", *place, "add", "c"]
    second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert second.stderr.startswith(f"note: waiting for another mvlock process in {project.root}\nAdded 'c>=2.0' to")
    assert first.wait() == 0
    assert '["a<2", "needs-b>=1.0", "c>=2.0"]' in project.pyproject.read_text("utf-8")


def test_a_path_whose_build_fails_is_not_added(mvlock: Mvlock, project: ProjectFolder, tmp_path: Path) -> None:
    write_source(tmp_path / "static", Release("dep-s", "1.0", build_error="no compiler"))
    write_source(tmp_path / "dynamic", Release("dep-d", "1.0", build_error="no compiler", dynamic=["requires-dist"]))
    mvlock("install")
    before = files_below(project.root)
    for folder in ("static", "dynamic"):
        outcome = mvlock("add", str(tmp_path / folder))
        assert (outcome.code, "cannot be built" in outcome.err) == (4, True), outcome.err
        assert files_below(project.root) == before
