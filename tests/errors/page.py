"""docs/errors.md: what every error looks like, and every error code.

Sections are generated, except those with ``BY_HAND`` below their title, which stay as and where they are.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from mvlock.codes import CODES, Code, Meaning
from tests.errors.scenario import Scenario
from tests.errors.scenarios import SCENARIOS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
BY_HAND = "<!-- by hand -->"
_HEAD = """\
# What mvlock refuses, and what it says

Made by `python -m tests.errors` from what the commands print; a test keeps it current. Every error has a
stable [code](#all-codes) (`--json` shows it, with the facts) and an exit code. 1: the request cannot be met; 2: the
command line or a file is wrong; 3: an index did not respond; 4: an artifact is bad.
"""
_ALL = "All codes"
_TABLE = """\
A code that says why a tree cannot be resolved has exit code 1.

| Code | Exit code | What it means |
|---|---|---|
"""


def page(outputs: Iterable[tuple[Scenario, str]], before: str) -> str:
    """The text of the page, with the manual sections of the page ``before``."""
    sections = {scenario.title: _section(scenario, text) for scenario, text in outputs} | {_ALL: table()}
    return "\n".join([_HEAD, *(f"## {title}\n\n{text}" for title, text in with_manual(sections, sections_of(before)))])


def sections_of(text: str) -> dict[str, str]:
    """The sections of a page, by title."""
    parts = [part.partition("\n\n") for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]]
    return {title: f"{body.strip()}\n" for title, _, body in parts}


def with_manual(made: dict[str, str], before: dict[str, str]) -> Iterator[tuple[str, str]]:
    """All generated sections, and the manual ones: each after the section that it follows in ``before``."""
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
        yield from ((manual, before[manual]) for manual in follows.get(title, ()))


def table() -> str:
    """Every code, with the section that shows it."""
    shown = {scenario.code: scenario.title for scenario in reversed(SCENARIOS)}
    return _TABLE + "".join(f"{_row(code, meaning, shown.get(code))}\n" for code, meaning in CODES.items())


def _row(code: Code, meaning: Meaning, title: str | None) -> str:
    named = f"[`{code}`](#{_anchor(title)})" if title else f"`{code}`"
    sentences = " Or: ".join(filter(None, (meaning.sentence, meaning.of_a_release)))
    return f"| {named} | {', '.join(map(str, meaning.exit_codes))} | {sentences} |"


def _anchor(title: str) -> str:
    """The anchor that a title gets on the page."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def without_machine_details(text: str, places: dict[str, str]) -> str:
    """What was printed, without folders and ports of this run."""
    for place, name in places.items():
        text = text.replace(place, name)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    return re.sub(r"127\.0\.0\.1:\d+", "index.example.invalid", text).rstrip("\n")


def command_line(scenario: Scenario) -> str:
    """The command as typed into a shell."""
    return f"$ mvlock {shlex.join(scenario.command)}"


def _section(scenario: Scenario, text: str) -> str:
    return "\n".join(_lines(scenario, text))


def _lines(scenario: Scenario, text: str) -> Iterator[str]:
    context = f" {scenario.context}" if scenario.context else ""
    yield f"`{scenario.code}`, exit code {scenario.exit_code}.{context}\n"
    yield "```toml"
    yield from _pyproject(scenario)
    yield "```\n"
    yield "```console"
    yield command_line(scenario)
    yield text
    yield "```\n"


def _pyproject(scenario: Scenario) -> Iterator[str]:
    if scenario.dependencies or not scenario.tool:
        yield "[project]"
        yield scenario.project or f"dependencies = {json.dumps(list(scenario.dependencies))}"
    if scenario.tool:
        yield "[tool.mvlock]"
        yield scenario.tool
