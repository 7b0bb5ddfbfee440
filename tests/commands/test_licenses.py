"""``mvlock licenses``."""

from __future__ import annotations

import pytest

from tests.commands.command_line import Mvlock
from tests.support.index import LocalIndex
from tests.support.project import ProjectFolder

APACHE = "Classifier: License :: OSI Approved :: Apache Software License"


@pytest.fixture(autouse=True)
def world(index: LocalIndex, project: ProjectFolder, mvlock: Mvlock) -> None:
    index.publish("modern", "1.0", requires=["old", "silent"], headers=["License-Expression: MIT OR Apache-2.0"])
    index.publish("old", "1.0", headers=["License: UNKNOWN", APACHE])
    index.publish("silent", "1.0", headers=["License: Copyright (c)", "        All the words of it.", "Classifier: X"])
    project.write(["modern", "old"])
    assert mvlock("resolve").code == 0


def test_each_distribution_is_shown_with_what_it_declares(mvlock: Mvlock) -> None:
    outcome = mvlock("licenses")
    assert outcome.out.splitlines() == [
        "project  version  license                  trees",
        "modern   1.0      MIT OR Apache-2.0        modern",
        "old      1.0      Apache Software License  modern, old",
        "silent   1.0      unknown                  modern",
    ]
    assert outcome.err == "note: 1 distribution of 3 declare no license that can be read\n"
    assert mvlock("licences").out == outcome.out


def test_the_index_is_asked_once_for_what_is_not_installed_and_never_for_what_is(
    mvlock: Mvlock, index: LocalIndex
) -> None:
    first = mvlock("licenses").out
    index.stop()
    assert mvlock("licenses", "--offline").out == first
    assert mvlock("install").code != 0


def test_what_is_installed_needs_no_index(mvlock: Mvlock, index: LocalIndex) -> None:
    assert mvlock("install").code == 0
    index.clear_requests()
    assert mvlock("licenses", "old", "--json").json == [
        {"name": "old", "version": "1.0", "license": "Apache Software License", "trees": ["old"]}
    ]
    assert index.paths() == []
