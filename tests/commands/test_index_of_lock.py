"""A locked project stays on the index that the lock names: a project of the same name elsewhere may be another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

INTERNAL = '[[tool.mvlock.index]]\nname = "internal"\nurl = "{}"'


@pytest.fixture
def internal(make_index: Callable[[], LocalIndex], index: LocalIndex, project: ProjectFolder) -> LocalIndex:
    """An index that is asked before the public one (``index``), which has another ``a``."""
    found = make_index()
    found.publish("a", "1.0")
    index.publish("a", "9.0")
    index.publish("b", "1.0")
    _write(project, ["a"], found)
    return found


def _write(project: ProjectFolder, names: list[str], internal: LocalIndex) -> None:
    project.write(names, python=">=3.12,<3.13", extra=INTERNAL.format(internal.url))


def _lock(project: ProjectFolder) -> str:
    return (project.root / "mv.lock").read_text("utf-8")


def _check_refused(mvlock: Mvlock, *options: str) -> None:
    refused = mvlock("resolve", *options)
    assert refused.code == 3
    assert "a is locked from index internal, which does not have it any more" in refused.err
    assert "run `mvlock resolve --upgrade-package a`" in refused.err


def test_a_project_that_its_index_lost_is_not_taken_from_another(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    assert mvlock("resolve").code == 0
    before = _lock(project)
    internal.remove_project("a")
    _write(project, ["a", "b"], internal)
    _check_refused(mvlock)
    assert _lock(project) == before


def test_to_upgrade_it_by_name_takes_it_from_where_it_is_now(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    mvlock("resolve")
    internal.remove_project("a")
    assert mvlock("resolve", "--upgrade-package", "b").code == 2, "b is not locked"
    assert mvlock("resolve", "--upgrade-package", "a").code == 0
    assert 'version = "9.0"\n' in _lock(project) and 'index = "local"' in _lock(project)
    internal.publish("a", "2.0")
    assert mvlock("resolve", "--upgrade").code == 0
    assert 'version = "2.0"\n' in _lock(project)


@pytest.mark.parametrize("option", [["--upgrade"], ["--upgrade-tree", "a"]])
def test_upgrading_everything_says_nothing_about_the_index_of_one(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex, option: list[str]
) -> None:
    mvlock("resolve")
    before = _lock(project)
    internal.remove_project("a")
    _check_refused(mvlock, *option)
    assert _lock(project) == before


def test_upgrading_everything_leaves_an_index_that_is_no_longer_configured(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    mvlock("resolve")
    project.write(["a"], python=">=3.12,<3.13")
    assert mvlock("resolve", "--upgrade").code == 0
    assert 'index = "local"' in _lock(project)


def test_an_index_that_is_no_longer_configured_is_not_replaced_by_another(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    mvlock("resolve")
    project.write(["a", "b"], python=">=3.12,<3.13")
    refused = mvlock("resolve")
    assert refused.code == 3
    assert "a is locked from index internal, which is not configured here" in refused.err


def test_a_source_that_names_another_index_is_followed(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    mvlock("resolve")
    source = '[tool.mvlock.sources]\na = { index = "local" }\n'
    project.write(["a"], python=">=3.12,<3.13", extra=source + INTERNAL.format(internal.url))
    assert mvlock("resolve").code == 0
    assert 'version = "9.0"\n' in _lock(project)


def test_an_index_that_is_asked_earlier_may_take_over(
    mvlock: Mvlock, project: ProjectFolder, internal: LocalIndex
) -> None:
    project.write(["a"], python=">=3.12,<3.13")
    mvlock("resolve")
    internal.publish("a", "9.0")
    _write(project, ["a"], internal)
    assert mvlock("resolve").code == 0
    assert 'index = "internal"' in _lock(project)


def test_install_asks_no_other_index(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, internal: LocalIndex
) -> None:
    mvlock("resolve")
    internal.remove_project("a")
    index.publish("a", "1.0")
    index.clear_requests()
    refused = mvlock("install")
    assert refused.code == 3
    assert (
        "a-1.0-py3-none-any.whl of a 1.0 is locked, but no index has it any more that it may come from: internal"
        in refused.err
    )
    assert not index.paths("/a/")


def test_install_of_an_unknown_index_is_refused(
    mvlock: Mvlock, project: ProjectFolder, index: LocalIndex, internal: LocalIndex
) -> None:
    mvlock("resolve")
    index.publish("a", "1.0")
    project.write(["a"], python=">=3.12,<3.13")
    refused = mvlock("install", "--frozen")
    assert refused.code == 2
    assert "a is locked from index internal, which is not configured" in refused.err
