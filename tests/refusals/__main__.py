"""``python -m tests.refusals``: write docs/errors.md anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.refusals.page import PAGE, page
from tests.refusals.run import play
from tests.refusals.stories import STORIES


def write() -> None:
    """Play every story and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        told = [(story, play(story, Path(folder) / str(number))[2]) for number, story in enumerate(STORIES)]
    PAGE.write_text(page(told, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
