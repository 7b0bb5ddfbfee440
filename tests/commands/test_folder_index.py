"""Indexes that are folders of this machine, and pages with links to files of several projects."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import HTML_TYPE, LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release, sdist, wheel

PYTHON = ">=3.10,<3.14"


def _write_files(folder: Path, *files: tuple[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        (folder / name).write_bytes(content)


def _use(project: ProjectFolder, url: str, *names: str, keys: str = "") -> None:
    table = f'[[tool.mvlock.index]]\nname = "wheels"\nurl = "{url}"\n{keys}\n'
    project.write(names or ("a",), python=PYTHON, extra=table)


def _lock(project: ProjectFolder) -> str:
    return (project.root / "mv.lock").read_text("utf-8")


def _link(name: str, content: bytes, before: str = "") -> str:
    return f'<a href="{before}{name}#sha256={hashlib.sha256(content).hexdigest()}">{name}</a>\n'


@pytest.fixture
def wheels(project: ProjectFolder) -> Path:
    """``wheels/`` of the project: two releases of ``a``, which requires ``b``, of which there is an sdist."""
    folder = project.root / "wheels"
    releases = (Release("a", "1.0"), Release("a", "2.0", requires=["b"]))
    _write_files(folder, *map(wheel, releases), sdist(Release("b", "1.0")), ("notes.txt", b"no distribution"))
    return folder


@pytest.mark.parametrize("url", ["./wheels", "file:./wheels", "file:wheels/"])
def test_a_folder_of_wheels_and_sdists_is_an_index(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, wheels: Path, url: str
) -> None:
    _use(project, url)
    done = mvlock("resolve")
    assert done.code == 0, done.err
    assert _lock(project).count('index = "wheels"') == 2 and "2.0" in _lock(project)
    assert "file:" not in _lock(project) and str(project.root) not in _lock(project)
    assert mvlock("install", "--offline").code == 0
    assert not index.requests
    assert (project.root / "app" / "bin" / "python").exists()


def test_a_lock_is_the_same_wherever_the_folder_is(mvlock: Mvlock, project: ProjectFolder, wheels: Path) -> None:
    _use(project, "./wheels")
    mvlock("resolve")
    before = _lock(project)
    elsewhere = project.root.parent / "elsewhere"
    wheels.rename(elsewhere)
    _use(project, elsewhere.as_uri())
    assert mvlock("resolve", "--check").code == 0
    (project.root / "mv.lock").unlink()
    assert mvlock("resolve").code == 0
    assert _lock(project) == before


def test_offline_it_answers_without_any_cache(mvlock: Mvlock, project: ProjectFolder, wheels: Path) -> None:
    _use(project, "./wheels", keys="default = false")
    text = project.pyproject.read_text("utf-8")
    project.pyproject.write_text(text.replace('name = "local"', 'name = "unused"'), "utf-8")
    assert mvlock("resolve", "--offline").code == 0


def test_a_folder_for_each_project_has_pages_with_links(mvlock: Mvlock, project: ProjectFolder) -> None:
    name, content = wheel(Release("a", "1.0"))
    root = project.root / "mirror"
    _write_files(root / "files", (name, content))
    _write_files(root / "simple" / "a", ("index.html", _link(name, content, "../../files/").encode()))
    _write_files(root / "simple" / "b", wheel(Release("b", "1.0")))
    _use(project, "./mirror/simple", "a", "b")
    done = mvlock("resolve")
    assert done.code == 0, done.err
    assert hashlib.sha256(content).hexdigest() in _lock(project)
    assert mvlock("install").code == 0


def test_a_file_that_changed_after_the_lock_is_not_installed(
    mvlock: Mvlock, project: ProjectFolder, wheels: Path
) -> None:
    _use(project, "./wheels")
    mvlock("resolve")
    _write_files(wheels, wheel(Release("a", "2.0", requires=["b"], files={"a/__init__.py": "changed = True"})))
    refused = mvlock("install")
    assert refused.code == 4
    assert "a-2.0-py3-none-any.whl is not the file that belongs to its hash" in refused.err


def test_a_missing_folder_is_named(mvlock: Mvlock, project: ProjectFolder) -> None:
    _use(project, "./nowhere")
    refused = mvlock("resolve")
    assert refused.code == 3
    assert f"{project.root / 'nowhere'}: No such file or directory" in refused.err


def test_the_default_index_of_one_run_may_be_a_folder(
    mvlock: Mvlock, project: ProjectFolder, wheels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(["a"], python=PYTHON)
    monkeypatch.chdir(project.root)
    assert mvlock("resolve", "--index-url", "./wheels").code == 0
    assert 'index = "local"' in _lock(project)


def test_an_export_names_files_of_folders_by_path(mvlock: Mvlock, project: ProjectFolder, wheels: Path) -> None:
    _use(project, "./wheels")
    mvlock("resolve")
    assert mvlock("export").code == 0
    text = (project.root / "pylock.a.toml").read_text("utf-8")
    assert 'path = "wheels/a-2.0-py3-none-any.whl"' in text and "url" not in text


def test_one_page_with_links_to_files_of_several_projects(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex
) -> None:
    first, second = index.publish("a", "1.0", requires=["b", "c"])[0], index.publish("b", "1.0")[0]
    links = "".join(_link(file.filename, file.content, "/files/") for file in (first, second))
    index.publish_page("all", links.encode(), HTML_TYPE)
    for name in ("a", "b"):
        index.remove_project(name)
    index.publish("c", "1.0")
    index.publish_file("files", first.filename, first.content)
    index.publish_file("files", second.filename, second.content)
    _use(project, f"{index.url}all", keys='format = "flat"')
    done = mvlock("resolve")
    assert done.code == 0, done.err
    assert _lock(project).count('index = "wheels"') == 2 and _lock(project).count('index = "local"') == 1
    assert len(index.paths("/simple/all")) == 1
    (project.root / "mv.lock").unlink()
    assert mvlock("resolve", "--offline").code == 0


def test_a_page_of_the_web_cannot_name_files_of_this_machine(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, wheels: Path
) -> None:
    name = "a-2.0-py3-none-any.whl"
    index.publish_page("a", _link(name, (wheels / name).read_bytes(), f"{wheels.as_uri()}/").encode(), HTML_TYPE)
    project.write(["a"], python=PYTHON)
    refused = mvlock("resolve")
    assert refused.code == 1
    assert "a" in refused.err


def test_another_format_is_refused_with_the_known_ones(mvlock: Mvlock, project: ProjectFolder) -> None:
    _use(project, "./wheels", keys='format = "flatt"')
    refused = mvlock("resolve")
    assert refused.code == 2
    assert "tool.mvlock.index[1].format: must be 'simple' or 'flat', not 'flatt'; did you mean 'flat'?" in refused.err


def test_exclude_newer_does_not_limit_files_that_were_never_uploaded(
    mvlock: Mvlock, project: ProjectFolder, wheels: Path
) -> None:
    limit = '[tool.mvlock.trees.a]\nexclude-newer = "2020-01-01"\n'
    _use(project, "./wheels", keys=limit)
    done = mvlock("resolve", "--exclude-newer", "2020-01-01")
    assert done.code == 0, done.err
    assert "2.0" in _lock(project)
    assert "note: exclude-newer does not apply to index wheels: it does not say when files were uploaded" in done.err


def test_exclude_newer_does_not_limit_a_page_of_links(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = index.publish("a", "1.0")[0]
    index.publish_page("all", _link(file.filename, file.content, "/files/").encode(), HTML_TYPE)
    index.publish_file("files", file.filename, file.content)
    index.remove_project("a")
    monkeypatch.setenv("MVLOCK_EXCLUDE_NEWER", "2020-01-01")
    _use(project, f"{index.url}all", keys='format = "flat"')
    done = mvlock("resolve")
    assert done.code == 0, done.err
