"""docs/errors.md: what every refusal looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.refusals.story import Story

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
_HEAD = """\
# What mvlock refuses, and what it says

Made by `python -m tests.refusals` from what the commands really print; a test keeps it in step. Every error has a
stable code (`--json` shows it, with the facts) and an exit code: 1 the answer is no, 2 the command line or a file is
wrong, 3 an index did not answer, 4 an artifact is not what it should be.
"""


def page(told: Iterable[tuple[Story, str]]) -> str:
    """The text of the page."""
    return "\n".join([_HEAD, *(line for story, text in told for line in _section(story, text))]) + "\n"


def neutral(text: str, places: dict[str, str]) -> str:
    """What was printed, without folders and ports of this run."""
    for place, name in places.items():
        text = text.replace(place, name)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    return re.sub(r"127\.0\.0\.1:\d+", "index.example.invalid", text).rstrip("\n")


def _section(story: Story, text: str) -> Iterator[str]:
    yield f"## {story.title}\n"
    yield f"`{story.code}`, exit code {story.exit_code}." + (f" {story.shown}" if story.shown else "") + "\n"
    yield "```toml"
    yield from _pyproject(story)
    yield "```\n"
    yield "```console"
    yield f"$ mvlock {' '.join(story.command)}"
    yield text
    yield "```\n"


def _pyproject(story: Story) -> Iterator[str]:
    if story.dependencies or not story.tool:
        yield "[project]"
        yield from [f"dependencies = {json.dumps(list(story.dependencies))}"] if not story.project else [story.project]
    if story.tool:
        yield "[tool.mvlock]"
        yield story.tool
