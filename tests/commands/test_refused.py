"""What the file system refuses: what is possible is done, and errors name folders that the user knows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.install.test_sources import commit_all
from tests.support.disks import small_disk, unwritable
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, sdist, wheel, write_source

ROOT = Path(__file__).parents[2]


def started(project: ProjectFolder, cache: Path, before: list[str], *words: str) -> subprocess.CompletedProcess[str]:
    place = ["--project", str(project.root), "--cache-dir", str(cache)]
    command = [*before, sys.executable, "-m", "mvlock", *place, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_cache_that_one_may_only_read_is_enough_if_it_has_everything(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)
    name, content = wheel(Release("b", "1.0"))
    project.add_file(name, content)
    source, packed = sdist(Release("c", "1.0"))
    url = index.publish_file("c", source, packed).url
    project.write(["a", "b", "c"], tool=f'sources.b = {{ path = "{name}" }}\nsources.c = {{ url = "{url}" }}')
    assert mvlock("resolve").code == mvlock("install").code == 0
    for folder in ("py_modules", "app"):
        shutil.rmtree(project.root / folder)
    with unwritable(project.cache) as before:
        done = started(project, project.cache, before, "install")
        assert done.returncode == 0, done.stderr
        assert started(project, project.cache, before, "resolve", "--check").returncode == 0


def test_a_repository_in_a_cache_that_one_may_only_read_is_looked_at_or_the_cache_is_named(
    mvlock: Mvlock, project: ProjectFolder, tmp_path: Path
) -> None:
    commit_all(write_source(tmp_path / "repository", Release("a", "1.0")))
    url = (tmp_path / "repository").as_uri()
    project.write(["a"], tool=f'sources.a = {{ git = "{url}", rev = "main" }}')
    assert mvlock("resolve").code == mvlock("install").code == 0
    shutil.rmtree(project.root / "py_modules")
    with unwritable(project.cache) as before:
        install = started(project, project.cache, before, "install")
        offline = started(project, project.cache, before, "resolve", "-U", "--offline")
        online = started(project, project.cache, before, "resolve", "-U")
    assert install.returncode == 0, install.stderr
    assert offline.returncode == 0, offline.stderr
    assert online.returncode == 2
    assert f"error: the cache {project.cache}: Permission denied\n\nhint: make sure that" in online.stderr


@pytest.mark.parametrize("what", ["project", "cache"])
def test_an_unwritable_folder_is_named_and_doctor_finds_it(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, what: str
) -> None:
    index.publish("a", "1.0")
    project.write(["a"])
    assert mvlock("resolve").code == 0
    folder = project.root if what == "project" else project.cache
    with unwritable(folder) as before:
        install = started(project, project.cache, before, "install")
        doctor = started(project, project.cache, before, "doctor")
    assert install.returncode == 2
    assert f"error: the {what} {folder}: Permission denied\n\nhint: make sure that you can write" in install.stderr
    assert doctor.returncode == 1, doctor.stderr
    assert str(folder) in next(line for line in doctor.stdout.splitlines() if line.startswith("error"))


def test_a_full_disk_under_the_cache_is_named_when_resolving(
    project: ProjectFolder, index: LocalIndex, tmp_path: Path
) -> None:
    text = f"x = {os.urandom(60000).hex()!r}\n"
    index.publish("a", "1.0", wheel_tags=(), sdist=True, dynamic=("requires-dist",), files={"a/__init__.py": text})
    project.write(["a"])
    with small_disk(tmp_path / "disk", 64) as disk:
        done = started(project, disk / "cache", [], "resolve", "-U")
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert f"the cache {disk / 'cache'}" in done.stderr
