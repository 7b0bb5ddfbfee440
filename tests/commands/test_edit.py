"""``mvlock add`` and ``remove``: pyproject.toml and mv.lock change together or not at all."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock, files_below
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

_TEXT = """\
# my project
[project]
name = "my-app"
dependencies = [
    "a<2",  # not yet 2
]

[dependency-groups]
dev = ["c"]  # tools
"""


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder) -> None:
    """Three projects, and a file with comments and habits."""
    for name in ("a", "b", "c"):
        index.publish(name, "1.0")
        index.publish(name, "2.0.1")
    rest = f'\n[[tool.mvlock.index]]\nname = "local"\nurl = "{index.url}"\ndefault = true\n'
    project.pyproject.write_text(_TEXT + rest, encoding="utf-8")


def lines(project: ProjectFolder) -> list[str]:
    return project.pyproject.read_text(encoding="utf-8").splitlines()


def test_a_bare_name_gets_what_was_locked_as_its_lower_bound(mvlock: Mvlock, project: ProjectFolder) -> None:
    outcome = mvlock("add", "B")
    assert outcome.code == 0
    assert outcome.err.splitlines()[0] == "Added 'b>=2.0.1' to project.dependencies"
    assert lines(project)[:9] == [
        "# my project",
        "[project]",
        'name = "my-app"',
        "dependencies = [",
        '    "a<2",  # not yet 2',
        '    "b>=2.0.1",',
        "]",
        "",
        "[dependency-groups]",
    ]
    assert mvlock("resolve", "--check").code == 0


def test_a_bare_name_stays_bare_on_request(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("add", "--raw", "b").code == 0
    assert '    "b",' in lines(project)


def test_an_existing_requirement_is_replaced_in_place(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("add", "A>=2").code == 0
    assert '    "a>=2",  # not yet 2' in lines(project)


def test_an_existing_line_is_left_and_reported(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install")
    before = files_below(project.root)
    for same in ("a<2", "A <2"):
        outcome = mvlock("add", same)
        assert outcome.code == 0
        assert outcome.err == (
            "'a<2' is already in project.dependencies\nmv.lock is up to date\n"
            "Nothing to do: py_modules/ and app/ match mv.lock\n"
        )
    assert files_below(project.root) == before


def test_a_bare_name_under_a_marker_adds_nothing_to_an_unconditional_line(
    mvlock: Mvlock, project: ProjectFolder
) -> None:
    mvlock("install")
    before = files_below(project.root)
    outcome = mvlock("add", "a; python_version < '3.5'")
    assert outcome.code == 0
    assert outcome.err.startswith("'a; python_version < \"3.5\"' is already covered by 'a<2' in project.dependencies\n")
    assert files_below(project.root) == before
    assert mvlock("add", "a>=1; python_version < '3.12'").code == 0
    assert """    "a>=1; python_version < \\"3.12\\"",""" in lines(project)


def test_a_bare_name_that_has_a_bound_already_is_reported(mvlock: Mvlock) -> None:
    mvlock("add", "b")
    assert mvlock("add", "b").err.startswith("'b>=2.0.1' is already in project.dependencies\n")


def test_groups_and_extras_are_made_as_needed(mvlock: Mvlock, project: ProjectFolder) -> None:
    assert mvlock("add", "b<2", "--dev").code == 0
    assert mvlock("add", "b<2", "--extra", "fast").code == 0
    assert mvlock("add", "b<2", "--group", "docs").code == 0
    text = project.pyproject.read_text(encoding="utf-8")
    assert 'dev = ["c", "b<2"]  # tools' in text
    assert 'fast = ["b<2"]' in text
    assert 'docs = ["b<2"]' in text


def test_what_cannot_be_resolved_is_not_added(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("install")
    before = files_below(project.root)
    for wrong in (("nowhere",), ("b>9",), ("a", "my-app"), ("3d",)):
        outcome = mvlock("add", *wrong)
        assert outcome.code in (1, 2), wrong
        assert "Traceback" not in outcome.err
        assert files_below(project.root) == before


def test_remove_takes_the_line_and_leaves_the_rest(mvlock: Mvlock, project: ProjectFolder) -> None:
    mvlock("resolve")
    outcome = mvlock("remove", "C", "--dev")
    assert outcome.err.splitlines()[:2] == ["Removed 'c' from dependency-groups.dev", "- c 2.0.1"]
    assert "dev = []  # tools" in lines(project)
    assert '    "a<2",  # not yet 2' in lines(project)


def test_remove_takes_the_settings_of_the_tree_too(mvlock: Mvlock, project: ProjectFolder) -> None:
    with project.pyproject.open("a", encoding="utf-8") as file:
        file.write('\n[tool.mvlock.trees.a]\nconstraints = ["c<2"]\n')
    outcome = mvlock("remove", "a")
    assert outcome.code == 0
    assert "The settings of the tree of 'a' are removed too" in outcome.err
    assert "trees.a" not in project.pyproject.read_text(encoding="utf-8")


def test_remove_says_where_it_is_instead(mvlock: Mvlock) -> None:
    outcome = mvlock("remove", "c")
    assert outcome.code == 2
    assert outcome.err == (
        "error: 'c' is not in project.dependencies\n\nhint: it is in dependency-groups.dev; use `--group dev`\n"
    )


def test_line_ends_of_windows_stay(mvlock: Mvlock, project: ProjectFolder) -> None:
    text = project.pyproject.read_text(encoding="utf-8").replace("\n", "\r\n")
    project.pyproject.write_bytes(text.encode())
    assert mvlock("add", "b<2").code == 0
    written = project.pyproject.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n")


def test_the_permissions_of_the_file_stay(mvlock: Mvlock, project: ProjectFolder) -> None:
    project.pyproject.chmod(0o640)
    assert mvlock("add", "b<2").code == 0
    assert project.pyproject.stat().st_mode & 0o777 == 0o640
