"""docs/security.md names a test for each promise; all of them exist, and people find the page."""

from __future__ import annotations

import ast
import re

from tests.e2e.markdown import ROOT, read_page

_PAGE = read_page("docs/security.md")
_TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, name in sorted(set(_TEST.findall(_PAGE.text))):
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        if name not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{file}::{name}")
    assert missing == []


def test_every_promise_names_a_test() -> None:
    promises = re.split(r"^- ", _PAGE.text, flags=re.MULTILINE)[1:]
    assert len(promises) > 20
    assert [promise.splitlines()[0] for promise in promises if not _TEST.search(promise)] == []


def test_the_page_is_linked_where_people_look() -> None:
    for place in ("SECURITY.md", "README.md", "zensical.toml", "docs/index.md"):
        assert "security.md" in (ROOT / place).read_text(encoding="utf-8"), place
