"""A login in the URL of a source is used, and found nowhere but in pyproject.toml."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release

USER, PASSWORD = "ann", "s3cret/word"
_IN_URL = "ann:s3cret%2Fword@"


@pytest.fixture(autouse=True)
def guarded(index: LocalIndex) -> None:
    index.settings.credentials = USER, PASSWORD


def leaks(project: ProjectFolder) -> list[Path]:
    """Files of project and cache that have the password, but for pyproject.toml."""
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode())
    secrets = [PASSWORD.encode(), b"s3cret%2Fword", token]
    files = [path for folder in (project.root, project.cache) for path in folder.rglob("*") if path.is_file()]
    wrong = [path for path in files if any(secret in path.read_bytes() for secret in secrets)]
    return [path for path in wrong if path != project.pyproject]


def with_login(url: str) -> str:
    return url.replace("://", f"://{_IN_URL}")


def install_all(mvlock: Mvlock) -> str:
    """What is said while a source is locked, installed, and installed from the lock on another machine."""
    said = ""
    for words in (("resolve", "-v"), ("install", "-v"), ("export",), ("why", "a"), ("show", "a"), ("verify",)):
        outcome = mvlock(*words)
        assert outcome.code == 0, outcome
        said += outcome.out + outcome.err
    return said


def test_of_an_archive(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    file = index.publish("a", "1.0")[0]
    project.write(["a"], extra=f'[tool.mvlock.sources]\na = {{ url = "{with_login(file.url)}" }}\n')
    said = install_all(mvlock)
    for name in ("py_modules", "app"):
        shutil.rmtree(project.root / name)
    shutil.rmtree(project.cache)
    assert mvlock("install").code == 0
    assert f'url = "{file.url}"' in (project.root / "mv.lock").read_text()
    assert leaks(project) == []
    assert "s3cret" not in said


@pytest.fixture
def repository(tmp_path: Path, index: LocalIndex) -> Iterator[str]:
    """The URL of a repository that wants a login: files below the index, as git's plain HTTP protocol reads them."""
    folder = tmp_path / "repository"
    ProjectFolder(tmp_path, tmp_path, index).add_source("repository", Release("a", "1.0"))
    who = ["-c", "user.name=x", "-c", "user.email=x@example.invalid"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "first"], ["update-server-info"]):
        subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)
    for path in sorted((folder / ".git").rglob("*")):
        if path.is_file():
            index.publish_file("a", f"a.git/{path.relative_to(folder / '.git').as_posix()}", path.read_bytes())
    yield f"{index.origin}/files/a.git"


@pytest.mark.skipif(os.name == "nt", reason="the helper is a line of sh")
def test_of_a_repository(repository: str, project: ProjectFolder, mvlock: Mvlock) -> None:
    project.write(["a"], extra=f'[tool.mvlock.sources]\na = {{ git = "{with_login(repository)}" }}\n')
    said = install_all(mvlock)
    assert f'url = "{repository}"' in (project.root / "mv.lock").read_text()
    assert leaks(project) == []
    assert "s3cret" not in said


def test_of_an_index_in_the_project(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("a", "1.0", wheel_tags=(), sdist=True)
    project.write(["a"])
    project.pyproject.write_text(project.pyproject.read_text().replace(index.url, with_login(index.url)))
    said = install_all(mvlock)
    assert leaks(project) == []
    assert "s3cret" not in said


@pytest.mark.parametrize("url", ["http://{}[::1/x", "ftp://{}host/x", "http://{}/x", "http://{}127.0.0.1:99999/"])
def test_of_an_index_with_a_wrong_url(project: ProjectFolder, mvlock: Mvlock, url: str) -> None:
    outcome = mvlock("resolve", "-v", "--index-url", url.format(_IN_URL))
    assert outcome.code in {2, 3}
    assert "s3cret" not in outcome.out + outcome.err
