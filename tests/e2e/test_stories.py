"""The tutorial and the how-tos do what they say, with real packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.markdown import Page, all_pages
from tests.e2e.stories import Step, play
from tests.support.real import skip_without_index

_LOCAL = {"private-index", "pre-commit"}
"""Played by test_how_tos."""


def _is_story(page: Page) -> bool:
    path = Path(page.name)
    is_kind = page.name == "docs/tutorial.md" or path.parent == Path("docs/how-to")
    return is_kind and path.stem not in _LOCAL and any(block.language == "console" for block in page.blocks)


STORIES = [page for page in all_pages() if _is_story(page)]


@pytest.mark.index
@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.name)
def test_a_page_does_what_it_says_if_it_is_typed(page: Page, tmp_path: Path, kept: Callable[[str], Path]) -> None:
    steps = play(page, tmp_path, {"MVLOCK_CACHE_DIR": str(kept("stories"))})
    for step in steps:
        skip_without_index(step.exit_code, step.printed)
        assert step.is_as_written, _shown(step)


def test_a_step_that_prints_something_else_is_noticed() -> None:
    assert Step("mvlock tree", ["click 8.1.7", "…"], "click 8.1.7\nflask 3.0.3\n", 0).is_as_written
    assert Step("mvlock tree", ["…", "click 8…", "…"], "click 8.1.7\n", 0).is_as_written
    assert not Step("mvlock tree", ["click 8.1.7"], "click 8.1.8\n", 0).is_as_written
    assert not Step("mvlock tree", [], "", 1).is_as_written
    assert not Step("mvlock tree", ["error: no lock"], "error: no lock\n", 0).is_as_written


def _shown(step: Step) -> str:
    expected = "\n".join(step.expected)
    return f"$ {step.command}\n{step.printed}\nexit code {step.exit_code}; the page has\n{expected}"
