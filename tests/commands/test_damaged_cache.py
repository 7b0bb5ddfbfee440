"""A cache that somebody, or a disk, has damaged: a plain install makes it whole, and nothing wrong is installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mvlock.store.store import STORE_FOLDER
from tests.commands.command_line import Mvlock
from tests.store.test_intact import change_silently
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there, files have no time of the last change of status")


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` and ``b`` are in the cache; they are locked, and not installed any more."""
    index.publish("a", "1.0", files={"a/__init__.py": "x = 1\n", "a/data.txt": "data"})
    index.publish("b", "1.0")
    project.write(["a", "b"])
    assert mvlock("resolve").code == mvlock("install").code == 0
    remove_installed(project)
    index.clear_requests()


def remove_installed(project: ProjectFolder) -> None:
    for name in ("py_modules", "app"):
        shutil.rmtree(project.root / name)


def stored(project: ProjectFolder, name: str) -> Path:
    """The only file of this name in the store."""
    (found,) = (project.cache / STORE_FOLDER).rglob(name)
    return found


def test_a_changed_file_is_downloaded_again(mvlock: Mvlock, index: LocalIndex, project: ProjectFolder) -> None:
    change_silently(stored(project, "data.txt"))
    outcome = mvlock("install")
    assert outcome.code == 0
    assert "note: a-1.0-py3-none-any.whl in the cache was damaged: a/data.txt was changed" in outcome.told
    assert index.paths(".whl") == ["/files/a-1.0-py3-none-any.whl"]
    assert stored(project, "data.txt").read_text() == "data"
    assert mvlock("verify").code == mvlock("cache", "verify").code == 0


def test_half_an_entry_is_completed(mvlock: Mvlock, project: ProjectFolder) -> None:
    stored(project, "data.txt").unlink()
    outcome = mvlock("install")
    assert (outcome.code, mvlock("verify").code) == (0, 0)
    assert "note: a-1.0-py3-none-any.whl in the cache was damaged: a/data.txt is missing" in outcome.told


def test_changed_bytecode_is_compiled_again_without_a_download(
    mvlock: Mvlock, index: LocalIndex, project: ProjectFolder
) -> None:
    compiled = next((project.cache / STORE_FOLDER).glob("wheels/*/*/bytecode/*/a/__pycache__/*.pyc"))
    good = compiled.read_bytes()
    change_silently(compiled)
    assert mvlock("install", "--offline").code == 0
    assert compiled.read_bytes() == good
    assert index.requests == []


def test_without_the_index_nothing_wrong_is_installed(mvlock: Mvlock, project: ProjectFolder) -> None:
    change_silently(stored(project, "data.txt"))
    outcome = mvlock("install", "--offline")
    assert outcome.code == 3
    assert not (project.root / "app").exists()


def test_bytecode_of_importshim_is_watched_in_the_cache_and_in_the_application(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    own = next((project.cache / STORE_FOLDER / "own").rglob("_table.*.pyc"))
    change_silently(own)
    assert mvlock("cache", "verify").code == 1
    assert mvlock("install").code == mvlock("verify").code == mvlock("cache", "verify").code == 0
    change_silently(next((project.root / "app").rglob("importshim/__pycache__/_table.*.pyc")))
    outcome = mvlock("verify")
    assert (outcome.code, "_table.cpython" in outcome.err) == (1, True)
    assert mvlock("install", "--repair").code == mvlock("verify").code == 0
    change_silently(own)
    remove_installed(project)
    assert mvlock("install").code == mvlock("verify").code == 0


@pytest.mark.parametrize("action", ["prune", "clean"])
def test_what_is_removed_disappears_at_once(mvlock: Mvlock, project: ProjectFolder, action: str) -> None:
    abandoned = project.cache / "removed-1" / "tmp" / "abcdef"
    abandoned.mkdir(parents=True)
    assert mvlock("cache", action).code == 0
    assert not list(project.cache.glob("removed-1/tmp/*"))
    assert not list(project.cache.glob(f"{STORE_FOLDER}/wheels/*/*"))


def test_drafts_of_small_files_are_removed_by_any_command(mvlock: Mvlock, project: ProjectFolder) -> None:
    (place,) = project.cache.glob("index-*/tmp")
    (place / "0123456789ab").write_text("half of a page")
    assert mvlock("resolve", "--upgrade").code == 0
    assert not list(project.cache.glob("**/tmp/*"))
