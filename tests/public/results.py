"""The results of the applications: results.json, and the rows of the table in docs/compatibility.md."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import BaseModel

from tests.public.applications import Application
from tests.public.outcomes import Outcome, Outcomes
from tests.support.tables import table_text

RESULTS = Path(__file__).with_name("results.json")
_TITLES = ("application", "kind", "Python", "plain", "with mvlock", "undeclared imports")


class Result(BaseModel):
    """How many tests passed, failed and were skipped on each side, and those that differ (both outcomes)."""

    name: str
    commit: str
    plain: dict[Outcome, int]
    tool: dict[Outcome, int]
    differences: dict[str, str] = {}


class Results(BaseModel):
    """The newest result of each application, in the order of applications.json."""

    applications: list[Result] = []


def compared(application: Application, plain: Outcomes, tool: Outcomes) -> Result:
    """Both sides of one application."""
    names = sorted(plain.keys() | tool.keys())
    pairs = {name: f"{plain.get(name, 'not run')}, {tool.get(name, 'not run')}" for name in names}
    return Result(
        name=application.name,
        commit=application.commit,
        plain=dict(sorted(Counter(plain.values()).items())),
        tool=dict(sorted(Counter(tool.values()).items())),
        differences={name: pair for name, pair in pairs.items() if plain.get(name) != tool.get(name)},
    )


def read_results(path: Path = RESULTS) -> Results:
    """The results of earlier runs; none if there are none."""
    return Results.model_validate_json(path.read_text("utf-8")) if path.exists() else Results()


def public_text(applications: list[Application], results: Results) -> str:
    """One row per application that has a result."""
    found = {one.name: one for one in results.applications}
    rows = [_cells(one, found[one.name]) for one in applications if one.name in found]
    return table_text(_TITLES, rows)


def _cells(application: Application, result: Result) -> tuple[str, ...]:
    differing = f"; {len(result.differences)} differ" if result.differences else ""
    declared = ", ".join(application.declared)
    repository = f"{application.repository}@{application.commit[:9]}"
    sides = (_counts_text(result.plain), _counts_text(result.tool) + differing)
    return (repository, application.kind, application.python, *sides, declared)


def _counts_text(counts: dict[Outcome, int]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items(), key=lambda item: -item[1]))
