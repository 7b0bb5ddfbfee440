"""docs/errors.md: what every refusal looks like, and every error code.

Sections are made anew but for those that say ``BY_HAND`` below their title: they stay as they are, where they are.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from mvlock.codes import CODES, Code, Meaning
from tests.refusals.stories import STORIES
from tests.refusals.story import Story

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
BY_HAND = "<!-- by hand -->"
_HEAD = """\
# What mvlock refuses, and what it says

Made by `python -m tests.refusals` from what the commands print; a test keeps it current. Every error has a
stable [code](#all-codes) (`--json` shows it, with the facts) and an exit code: 1 the answer is no, 2 the command line
or a file is wrong, 3 an index did not answer, 4 an artifact is bad.
"""
_ALL = "All codes"
_TABLE = """\
A code that is the reason why a tree cannot be resolved has exit code 1.

| Code | Exit code | What it means |
|---|---|---|
"""


def page(told: Iterable[tuple[Story, str]], before: str) -> str:
    """The text of the page, with what was written by hand in the one ``before``."""
    sections = {story.title: _section(story, text) for story, text in told} | {_ALL: table()}
    return "\n".join([_HEAD, *(f"## {title}\n\n{text}" for title, text in with_own(sections, sections_of(before)))])


def sections_of(text: str) -> dict[str, str]:
    """The sections of a page, by title."""
    parts = [part.partition("\n\n") for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    return {title: f"{body.strip()}\n" for title, _, body in parts}


def with_own(made: dict[str, str], before: dict[str, str]) -> Iterator[tuple[str, str]]:
    """All sections that are made, and those by hand: each after the section that it follows before."""
    follows: dict[str, list[str]] = {}
    last = ""
    for title, text in before.items():
        if text.startswith(BY_HAND):
            follows.setdefault(last, []).append(title)
        elif title in made:
            last = title
    yield from ((title, before[title]) for title in follows.get("", ()))
    for title, text in made.items():
        yield title, text
        yield from ((own, before[own]) for own in follows.get(title, ()))


def table() -> str:
    """Every code, with the section that shows it."""
    shown = {story.code: story.title for story in reversed(STORIES)}
    return _TABLE + "".join(f"{_row(code, meaning, shown.get(code))}\n" for code, meaning in CODES.items())


def _row(code: Code, meaning: Meaning, title: str | None) -> str:
    named = f"[`{code}`](#{_anchor(title)})" if title else f"`{code}`"
    sentences = " Or: ".join(filter(None, (meaning.sentence, meaning.of_a_release)))
    return f"| {named} | {', '.join(map(str, meaning.exit_codes))} | {sentences} |"


def _anchor(title: str) -> str:
    """The anchor that a title gets on the page."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def neutral(text: str, places: dict[str, str]) -> str:
    """What was printed, without folders and ports of this run."""
    for place, name in places.items():
        text = text.replace(place, name)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    return re.sub(r"127\.0\.0\.1:\d+", "index.example.invalid", text).rstrip("\n")


def typed(story: Story) -> str:
    """The command as one types it into a shell."""
    return f"$ mvlock {shlex.join(story.command)}"


def _section(story: Story, text: str) -> str:
    return "\n".join(_lines(story, text))


def _lines(story: Story, text: str) -> Iterator[str]:
    yield f"`{story.code}`, exit code {story.exit_code}." + (f" {story.shown}" if story.shown else "") + "\n"
    yield "```toml"
    yield from _pyproject(story)
    yield "```\n"
    yield "```console"
    yield typed(story)
    yield text
    yield "```\n"


def _pyproject(story: Story) -> Iterator[str]:
    if story.dependencies or not story.tool:
        yield "[project]"
        yield from [f"dependencies = {json.dumps(list(story.dependencies))}"] if not story.project else [story.project]
    if story.tool:
        yield "[tool.mvlock]"
        yield story.tool
