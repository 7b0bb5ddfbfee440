"""Every refusal is told as docs/errors.md shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.codes import CODES
from tests.refusals.page import BY_HAND, PAGE, page, sections_of, table, typed
from tests.refusals.run import play
from tests.refusals.stories import STORIES
from tests.refusals.story import Story

SECTIONS = sections_of(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_a_refusal_is_told_as_the_page_shows_it(story: Story, tmp_path: Path) -> None:
    code, error_code, text = play(story, tmp_path)
    assert (code, error_code) == (story.exit_code, story.code)
    assert story.exit_code in CODES[story.code].exit_codes
    assert "Traceback" not in text
    assert text.startswith("error: ")
    assert f"\n{typed(story)}\n{text}\n```" in SECTIONS[story.title]


def test_the_page_has_every_code() -> None:
    """After a change of ``mvlock.codes`` or of the stories: ``python -m tests.refusals``."""
    assert SECTIONS["All codes"] == table()


def test_the_page_has_every_story_in_order_and_else_what_says_that_it_is_by_hand() -> None:
    titles = [title for title, text in SECTIONS.items() if not text.startswith(BY_HAND)]
    assert titles == [*(story.title for story in STORIES), "All codes"]


def test_what_was_written_by_hand_stays_where_it_is() -> None:
    first, second = STORIES[0], STORIES[1]
    before = page([(first, "error: old"), (second, "error: old")], "").replace("exit", "EXIT")
    own = f"{BY_HAND}\n\nMind the gap.\n\n```console\n$ mvlock why\n```\n"
    with_own = before.replace(f"## {second.title}\n", f"## By hand\n\n{own}\n## Gone\n\nold\n\n## {second.title}\n")
    after = page([(first, "error: new"), (second, "error: new")], with_own)
    assert list(sections_of(after)) == [first.title, "By hand", second.title, "All codes"]
    assert sections_of(after)["By hand"] == own
    assert "EXIT" not in after and "error: old" not in after
    assert page([(first, "error: new"), (second, "error: new")], after) == after
