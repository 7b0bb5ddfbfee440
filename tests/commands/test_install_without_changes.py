"""An install that has nothing to do says so at once; everything that may matter makes it check."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.command_line import Mvlock, loaded
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release

NOTHING = "Nothing to do: py_modules/ and app/ match mv.lock\n"
SOURCES = 'sources = { b = { path = "b", editable = true } }'


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A project with a tree of the index and an editable one, installed."""
    files = {"a/__init__.py": "", "a-1.0.data/data/share/kit/a.txt": ""}
    index.publish("a", "1.0", scripts={"go": "a:main"}, files=files)
    index.publish("a", "2.0")
    project.add_source("b", Release("b", "1.0"))
    project.write(["a<2", "b"], tool=SOURCES)
    mvlock("resolve")
    mvlock("install")


def test_nothing_to_do_is_reported_before_anything_heavy_is_imported(project: ProjectFolder) -> None:
    assert loaded(project, "install") == [NOTHING, "[]\n"]


def test_a_warm_install_loads_neither_the_resolver_nor_the_network_nor_hints(project: ProjectFolder) -> None:
    shutil.rmtree(project.root / "py_modules/a")
    output, modules = loaded(project, "install")
    assert "+ a 1.0" in output
    rare = {"rich", "resolvelib", "urllib3", "tomlkit", "installer", "build", "difflib"}
    assert rare.intersection(ast.literal_eval(modules)) == set()


def test_a_damaged_note_is_no_answer(mvlock: Mvlock, project: ProjectFolder) -> None:
    for text in ("", "[]", "{}", '{"key": 1}'):
        (project.root / "py_modules/.settled").write_text(text)
        assert mvlock("install").err == NOTHING


def lead_elsewhere(link: Path) -> None:
    link.unlink()
    link.symlink_to("/elsewhere")


CHANGES: dict[str, Callable[[ProjectFolder], object]] = {
    "pyproject.toml": lambda project: project.write(["a>=2", "b"], tool=SOURCES),
    "a tree is gone": lambda project: shutil.rmtree(project.root / "py_modules/a"),
    "the application is gone": lambda project: shutil.rmtree(project.root / "app"),
    "an interpreter is gone": lambda project: (project.root / "py_modules/a/bin/python").unlink(),
    "what makes it an environment is gone": lambda project: (project.root / "py_modules/a/pyvenv.cfg").unlink(),
    "what keeps it out of git is gone": lambda project: (project.root / "app/.gitignore").unlink(),
    "a distribution is gone": lambda project: shutil.rmtree(
        next((project.root / "py_modules/a").glob("lib/*/site-packages/a-1.0.dist-info"))
    ),
    "a command cannot be executed": lambda project: (project.root / "app/bin/go").chmod(0o644),
    "data is gone": lambda project: shutil.rmtree(project.root / "app/share/kit"),
    "data of another library": lambda project: lead_elsewhere(project.root / "app/share/kit/a.txt"),
    "a tree nobody knows": lambda project: shutil.copytree(
        project.root / "py_modules/a", project.root / "py_modules/c", symlinks=True
    ),
    "a new module of an editable source": lambda project: project.add_file("b/src/more.py", ""),
    "how a source is built": lambda project: project.add_file("b/setup.py", ""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_makes_it_look_closely(
    mvlock: Mvlock, project: ProjectFolder, change: Callable[[ProjectFolder], object]
) -> None:
    change(project)
    mvlock("resolve")
    assert mvlock("install").err != NOTHING
    assert mvlock("install").err == NOTHING


def test_what_a_killed_run_left_is_cleared_away(mvlock: Mvlock, project: ProjectFolder) -> None:
    left = project.add_file("py_modules/.mvlock-tmp-a-1/file", "")
    assert mvlock("install").err == NOTHING
    assert not left.exists()


def test_other_options_are_another_question(mvlock: Mvlock) -> None:
    assert mvlock("install", "--frozen").err == NOTHING
    assert mvlock("install", "--only", "a").err == NOTHING
    assert mvlock("install", "--dry-run").err == "Nothing to do\n"


def test_at_another_place_the_project_is_looked_at_again(mvlock: Mvlock, project: ProjectFolder) -> None:
    elsewhere = project.root.with_name("elsewhere")
    shutil.copytree(project.root, elsewhere, symlinks=True)
    moved = mvlock("--project", str(elsewhere), "install")
    assert "(the project was in " in moved.err
    assert (
        elsewhere.as_uri()
        in next(elsewhere.glob("app/lib/*/site-packages/my_app-0.1.dist-info/direct_url.json")).read_text()
    )
