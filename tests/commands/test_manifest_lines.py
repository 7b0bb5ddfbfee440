"""The lines of entries, in every way that pyproject.toml can be written."""

from __future__ import annotations

import pytest

from mvlock.commands.manifest_lines import ManifestLines
from mvlock.project.declaration import Origin

_TEXT = '''\
[project]
description = """
two lines"""
dependencies = [
    "a",  # with a comment
    # and one alone
    "b>=1", "c",
]
[dependency-groups]
dev = ["x"]
[tool.mvlock.trees]
web = ["django",
  "drf"]
[tool.mvlock.trees.other]
peers = false
requirements = [
  "q",
  "z"]
constraints = ["w<2"]
[tool.mvlock.alias]
old = "p==1"
long = { module = "a", requirements = ["torch", "numpy<2"] }
[tool.mvlock.alias.table]
module = "o"
requirement = "o"
'''


@pytest.mark.parametrize(
    ("key", "index", "line"),
    [
        ("project.dependencies", 0, '    "a",  # with a comment'),
        ("project.dependencies", 2, '    "b>=1", "c",'),
        ("dependency-groups.dev", 0, 'dev = ["x"]'),
        ("tool.mvlock.trees.web", 1, '  "drf"]'),
        ("tool.mvlock.trees.other", 1, '  "z"]'),
        ("tool.mvlock.trees.other.constraints", 0, 'constraints = ["w<2"]'),
        ("tool.mvlock.alias.old", None, 'old = "p==1"'),
        ("tool.mvlock.alias.long", None, 'long = { module = "a", requirements = ["torch", "numpy<2"] }'),
        ("tool.mvlock.alias.table", None, 'requirement = "o"'),
    ],
)
def test_an_entry_is_found_where_it_is_written(key: str, index: int | None, line: str) -> None:
    number = ManifestLines(_TEXT).of(Origin(tuple(key.split(".")), index))
    assert _TEXT.split("\n")[number - 1] == line
    assert ManifestLines(_TEXT.replace("\n", "\r\n")).of(Origin(tuple(key.split(".")), index)) == number


@pytest.mark.parametrize(("key", "index"), [("project.nothing", 0), ("project.dependencies", 9), ("project.name.x", 0)])
def test_what_is_not_there_has_no_line(key: str, index: int) -> None:
    assert ManifestLines(_TEXT).of(Origin(tuple(key.split(".")), index)) == 0


def test_a_file_that_is_not_toml_has_no_lines() -> None:
    assert ManifestLines("[project").of(Origin(("project", "dependencies"), 0)) == 0
