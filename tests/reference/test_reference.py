"""The generated pages are what the code says."""

from __future__ import annotations

import pytest

from mvlock.commands.command_table import COMMANDS
from tests.e2e.markdown import ROOT, read_page
from tests.reference.pages import reference_pages

PAGES = reference_pages()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_one_that_the_code_makes(name: str) -> None:
    """After a change of commands, settings, variables, or of the guide's tables: ``python -m tests.reference``."""
    assert (ROOT / name).read_text("utf-8") == PAGES[name]


def test_every_command_has_a_section() -> None:
    anchors = read_page("docs/reference/commands.md").anchors
    assert {f"mvlock-{name}" for name in COMMANDS} <= anchors


def test_every_row_says_what_it_means() -> None:
    rows = [line for text in PAGES.values() for line in text.splitlines() if line.startswith("| `")]
    assert [row for row in rows if not row.rstrip(" |").rpartition("|")[2].strip()] == []
    assert len(rows) > 100
