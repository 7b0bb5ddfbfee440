"""The outcome of each test: from pytest's XML, or from what unittest prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias
from xml.etree import ElementTree

Outcome: TypeAlias = Literal["passed", "failed", "skipped"]
Outcomes: TypeAlias = dict[str, Outcome]
"""By the name of the test."""

_LINE = re.compile(r"^(?P<name>\w+ \([\w.]+\))(?:.*?\.\.\. (?P<outcome>ok|FAIL|ERROR|skipped|expected failure))?", re.M)
_DOCSTRING = re.compile(r"^(?!\w+ \([\w.]+\)).*?\.\.\. (?P<outcome>ok|FAIL|ERROR|skipped|expected failure)")
_MEANING: dict[str, Outcome] = {"ok": "passed", "expected failure": "passed", "skipped": "skipped"}


def from_xml(path: Path) -> Outcomes:
    """Of a JUnit file; tests of one name are numbered.

    :raises OSError: pytest has not written it
    """
    seen: Counter[str] = Counter()
    found: Outcomes = {}
    for case in ElementTree.parse(path).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name}#{seen[name]}"] = _outcome(case)
    return found


def from_lines(text: str) -> Outcomes:
    """Of the output of unittest with ``-v``, or of Django's runner with ``-v 2``."""
    return dict(_cases(text))


def _outcome(case: ElementTree.Element) -> Outcome:
    tags = {child.tag for child in case}
    if tags & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in tags else "passed"


def _cases(text: str) -> Iterator[tuple[str, Outcome]]:
    """A test's name and outcome are on one line, or the outcome follows its docstring on a later one."""
    name = ""
    for line in text.splitlines():
        found = _LINE.match(line)
        name = found["name"] if found else name
        outcome = found["outcome"] if found else _outcome_in_line(line)
        if name and outcome:
            yield name, _MEANING.get(outcome, "failed")
            name = ""


def _outcome_in_line(line: str) -> str | None:
    found = _DOCSTRING.match(line)
    return found["outcome"] if found else None
