"""``mvlock outdated`` and ``mvlock graph``: what could be newer, and what requires what."""

from __future__ import annotations

import json

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    """``a`` needs ``b<2``; both are locked at 1.0."""
    index.publish("a", "1.0", requires=["b<2"])
    index.publish("b", "1.0")
    project.write(["a"])
    assert mvlock("resolve").code == 0


def test_nothing_is_outdated_at_first(mvlock: Mvlock) -> None:
    outcome = mvlock("outdated")
    assert (outcome.code, outcome.out, outcome.err) == (0, "", "everything is up to date\n")


def test_what_an_upgrade_gives_and_what_is_newest(mvlock: Mvlock, index: LocalIndex) -> None:
    for version in ("1.1", "2.0", "3.0rc1"):
        index.publish("b", version)
    index.publish("b", "2.5", yanked="broken")
    before = mvlock("tree").out
    assert mvlock("outdated").out.splitlines() == [
        "tree  project  locked  upgrade  newest",
        "a     b        1.0     1.1      2.0",
    ]
    assert mvlock("outdated", "--json").json == [
        {"tree": "a", "name": "b", "locked": "1.0", "upgrade": "1.1", "newest": "2.0"}
    ]
    assert mvlock("tree").out == before


def test_the_graph_in_three_languages(mvlock: Mvlock) -> None:
    assert '    "a: a 1.0" -> "a: b 1.0";' in mvlock("graph").out.splitlines()
    assert "    a_1 --> a_2" in mvlock("graph", "--format", "mermaid").out.splitlines()
    graph = json.loads(mvlock("graph", "a", "--format", "json").out)
    assert graph["a"]["edges"] == [["a", "a 1.0"], ["a 1.0", "b 1.0"]]
