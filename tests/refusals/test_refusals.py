"""Every refusal is told as docs/errors.md shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.refusals.page import PAGE
from tests.refusals.run import play
from tests.refusals.stories import STORIES
from tests.refusals.story import Story


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_a_refusal_is_told_as_the_page_shows_it(story: Story, tmp_path: Path) -> None:
    code, error_code, text = play(story, tmp_path)
    assert (code, error_code) == (story.exit_code, story.code)
    assert "Traceback" not in text
    assert text.startswith("error: ")
    section = PAGE.read_text(encoding="utf-8").partition(f"## {story.title}\n")[2].partition("\n## ")[0]
    assert f"\n$ mvlock {' '.join(story.command)}\n{text}\n```" in section
