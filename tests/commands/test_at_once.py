"""Several installs at the same time, each in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mvlock.base.locks import lock_folder
from mvlock.operations.cache_lock import locked_cache
from mvlock.operations.machine import Machine
from tests.commands.command_line import Mvlock
from tests.commands.test_killed import ROOT, start
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex) -> None:
    for version in ("1.0", "2.0"):
        files = {f"a/m{number}.py": f"x = {number}\n" for number in range(100)}
        index.publish("a", version, files=files | {"a/__init__.py": f"__version__ = '{version}'\n"})
        index.publish("b", version)


def seen(project: ProjectFolder) -> str:
    words = [str(project.root / "app/bin/python"), "-c", "import a, b; print(a.__version__, b.__version__)"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_two_in_one_project_follow_each_other(mvlock: Mvlock, project: ProjectFolder) -> None:
    for wanted in ("1.0", "2.0"):
        project.write([f"a=={wanted}", f"b=={wanted}"])
        mvlock("resolve")
        assert [process.wait() for process in [start(project, "install") for _ in range(2)]] == [0, 0]
        assert seen(project) == f"{wanted} {wanted}"
        assert mvlock("verify").code == 0


def test_only_the_first_of_several_installs_has_something_to_do(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.write(["a", "b"])
    mvlock("resolve")
    under_way = [start(project, "install", stderr=subprocess.PIPE) for _ in range(4)]
    said = [process.communicate()[1].decode() for process in under_way]
    assert sorted("Nothing to do" in text for text in said) == [False, True, True, True]


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
@pytest.mark.parametrize("words", [("resolve",), ("install",), ("run", "true"), ("pack",)], ids=" ".join)
def test_a_command_waits_for_the_one_before_it(mvlock: Mvlock, project: ProjectFolder, words: tuple[str, ...]) -> None:
    project.write(["a"])
    if words == ("pack",):
        mvlock("install")
    handle = lock_folder(project.root, lambda: None)
    assert handle is not None
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    with subprocess.Popen(
        [sys.executable, "-m", "mvlock", *place, *words], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == f"note: waiting for another mvlock process in {project.root}\n"
        assert (project.root / "mv.lock").exists() == (words == ("pack",))
        os.close(handle)
        process.stderr.read()
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
def test_changes_of_the_users_file_follow_each_other(
    project: ProjectFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings" / "config.toml"
    file.parent.mkdir()
    monkeypatch.delenv("MVLOCK_NO_CONFIG")
    monkeypatch.setenv("MVLOCK_CONFIG_FILE", str(file))
    handle = lock_folder(file.parent, lambda: None)
    assert handle is not None
    edits = [("http-retries", "7"), ("concurrency", "5"), ("offline", "true")]
    under_way = [start(project, "config", "set", *edit) for edit in edits]
    time.sleep(0.3)
    assert not file.exists()
    os.close(handle)
    assert [process.wait() for process in under_way] == [0, 0, 0]
    assert sorted(file.read_text().splitlines()) == ["concurrency = 5", "http-retries = 7", "offline = true"]


@pytest.mark.parametrize("action", ["clean", "prune"])
def test_removing_from_the_cache_waits_for_a_running_install(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, action: str
) -> None:
    project.write(["a", "b"])
    mvlock("resolve")
    index.clear_requests()
    index.fail(".whl", "slow", seconds=1.0)
    install = start(project, "install")
    while not index.paths(".whl"):
        assert install.poll() is None
        time.sleep(0.01)
    removal = start(project, "cache", action)
    assert install.wait() == removal.wait() == 0
    assert seen(project) == "2.0 2.0"
    assert mvlock("verify").code == mvlock("cache", "verify").code == 0
    assert action == "prune" or not list(project.cache.glob("store-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not locked there")
def test_removing_from_a_new_cache_keeps_others_out_of_it(tmp_path: Path) -> None:
    import fcntl

    cache = tmp_path / "cache"
    with locked_cache(Machine.of({}, cache), removing=True):
        handle = os.open(cache, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        os.close(handle)


def test_installs_cleaning_and_pruning_at_once_do_not_disturb_each_other(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, tmp_path: Path
) -> None:
    other = ProjectFolder(tmp_path / "other", project.cache, index)
    other.root.mkdir()
    for wanted, rest in (("1.0", "2.0"), ("2.0", "1.0"), ("1.0", "1.0")):
        project.write([f"a=={wanted}", f"b=={rest}"])
        other.write([f"a=={rest}", f"b=={wanted}"])
        assert mvlock("resolve").code == mvlock("--project", str(other.root), "resolve").code == 0
        words = [["cache", "clean"], ["install"], ["cache", "prune"], ["cache", "clean"], ["cache", "prune"]]
        under_way = [start(one, *each) for each in words for one in (project, other)]
        assert [process.wait() for process in under_way] == [0] * len(under_way)
        assert (seen(project), seen(other)) == (f"{wanted} {rest}", f"{rest} {wanted}")
        for one in (project, other):
            assert mvlock("--project", str(one.root), "verify").code == 0


def test_pruning_beside_installs_leaves_what_symbolic_links_lead_to(mvlock: Mvlock, project: ProjectFolder) -> None:
    for wanted in ("1.0", "2.0"):
        project.write([f"a=={wanted}", f"b=={wanted}"])
        mvlock("resolve")
        words = [["cache", "prune"], ["install", "--link-mode", "symlink"], ["cache", "prune"], ["cache", "prune"]]
        under_way = [start(project, *each) for each in words]
        assert [process.wait() for process in under_way] == [0] * len(under_way)
        assert seen(project) == f"{wanted} {wanted}"
        assert mvlock("verify").code == 0


def test_ten_projects_share_one_store(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, tmp_path: Path
) -> None:
    projects = []
    for number in range(10):
        root = tmp_path / f"project{number}"
        root.mkdir()
        projects.append(ProjectFolder(root, project.cache, index).write(["a<2", "b"] if number % 2 else ["a", "b<2"]))
        assert mvlock("--project", str(root), "resolve").code == 0
    index.clear_requests()
    assert [process.wait() for process in [start(one, "install") for one in projects]] == [0] * 10
    assert [seen(one) for one in projects] == ["2.0 1.0", "1.0 2.0"] * 5
    fetched = [path for path in index.paths("/files/") if path.endswith(".whl")]
    assert sorted(fetched) == sorted(set(fetched))
