"""A resolve that has nothing to do says so at once; everything that may matter makes it check."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.commands.command_line import Mvlock, loaded
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder
from tests.support.release import Release

NOTHING = "mv.lock is up to date\n"
SOURCES = 'sources = { b = { path = "b", editable = true } }'


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """A project with a tree of the index and an editable one, locked."""
    index.publish("a", "1.0")
    index.publish("a", "2.0")
    project.add_source("b", Release("b", "1.0"))
    project.write(["a<2", "b"], tool=SOURCES)
    mvlock("resolve")


@pytest.mark.parametrize("words", [["resolve"], ["resolve", "--check"]], ids=" ".join)
def test_nothing_to_do_is_reported_before_anything_heavy_is_imported(project: ProjectFolder, words: list[str]) -> None:
    assert loaded(project, *words) == [NOTHING, "[]\n"]


def test_a_check_remembers_its_answer_too(mvlock: Mvlock, project: ProjectFolder) -> None:
    notes = list((project.cache / "current-2").glob("[0-9a-f]*"))
    notes[0].unlink()
    assert mvlock("resolve", "--check").err == NOTHING
    assert [note.exists() for note in notes] == [True]
    assert loaded(project, "resolve", "--check") == [NOTHING, "[]\n"]


def test_json_says_the_same_either_way(mvlock: Mvlock, project: ProjectFolder) -> None:
    for words in (["--json"], ["--json", "--check"]):
        known = mvlock("resolve", *words)
        for note in (project.cache / "current-2").glob("[0-9a-f]*"):
            note.unlink()
        assert mvlock("resolve", *words) == known


def test_a_damaged_note_is_no_answer(mvlock: Mvlock, project: ProjectFolder) -> None:
    (note,) = (project.cache / "current-2").glob("[0-9a-f]*")
    for text in ("", "[]", "{}", "null", '{"hashes": {"x": null}}', '{"hashes": 1}'):
        note.write_text(text)
        assert mvlock("resolve").err == NOTHING


def test_a_cache_that_cannot_be_written_is_no_obstacle(mvlock: Mvlock, project: ProjectFolder) -> None:
    (note,) = (project.cache / "current-2").glob("[0-9a-f]*")
    shutil.rmtree(note.parent)
    note.parent.write_text("a file where the folder should be")
    assert mvlock("resolve").err == NOTHING


CHANGES: dict[str, tuple[Callable[[ProjectFolder], object], str]] = {
    "pyproject.toml": (lambda project: project.write(["a>=2", "b"], tool=SOURCES), "is stale"),
    "the lock": (lambda project: project.add_file("mv.lock", "not a lock"), "not valid TOML"),
    "no lock": (lambda project: (project.root / "mv.lock").unlink(), "there is no mv.lock"),
    "a source": (lambda project: project.add_source("b", Release("b", "2.0")), "is stale"),
    "a new file of a source": (lambda project: project.add_file("b/setup.py", ""), "is stale"),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES.keys())
def test_whatever_changes_makes_it_look_closely(
    mvlock: Mvlock, project: ProjectFolder, change: Callable[[ProjectFolder], object], message: str
) -> None:
    change(project)
    assert message in mvlock("resolve", "--check").err


@pytest.mark.parametrize("words", [["--upgrade"], ["-P", "a"], ["--only-host"], ["--exclude-newer", "2020-01-01"]])
def test_other_options_are_another_question(mvlock: Mvlock, index: LocalIndex, words: list[str]) -> None:
    index.publish("a", "1.5")
    assert mvlock("resolve", *words).err != NOTHING
