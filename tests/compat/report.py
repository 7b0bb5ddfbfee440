"""The rows as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.compat.judge import Answer, Row, Verdict
from tests.compat.page import versions
from tests.compat.pairs import MODES
from tests.support.tables import platform_kind

_STYLES: dict[Answer, str] = {
    "ok": "green",
    "in part": "green",
    "failed": "bold red",
    "skipped": "yellow",
    "not run": "dim",
}


def print_report(rows: Sequence[Row], title: str, console: Console) -> None:
    """The table, then a line for everything that is not ok."""
    table = Table("pair", "kind", "versions", *MODES, "seconds", title=title, title_justify="left", box=box.SIMPLE)
    for row in rows:
        answers = (_cell(row.verdicts[mode]) for mode in MODES)
        table.add_row(
            row.pair.name, row.pair.kind, escape(versions(row.pair.old, row.pair.new)), *answers, f"{row.total:.1f}"
        )
    console.print(table)
    for line in remarks(rows):
        console.print(escape(line), soft_wrap=True, highlight=False)
    tried = [row for row in rows if row.is_tried]
    untried = f"; {len(rows) - len(tried)} could not be tried" if len(tried) < len(rows) else ""
    console.print(f"{sum(row.passes for row in tried)} of {len(tried)} pairs pass{untried}", highlight=False)


def remarks(rows: Sequence[Row]) -> Iterator[str]:
    """Per failure and skip, what it was."""
    for row in rows:
        if row.failure is not None:
            yield f"{row.pair.name}: {row.failure}"
        for mode, verdict in row.verdicts.items():
            if verdict.why:
                yield f"{row.pair.name}, {mode}: {verdict.answer}: {verdict.why}"


def results_json(rows: Sequence[Row], version: str) -> str:
    """The same for programs, with the logs of failures."""
    results = {"python": version, "platform": platform_kind(), "pairs": [_plain(row) for row in rows]}
    return json.dumps(results, indent=1) + "\n"


def _plain(row: Row) -> dict[str, Any]:
    verdicts = {
        mode: {"answer": verdict.answer, "why": verdict.why, "log": verdict.log, "seconds": verdict.seconds}
        for mode, verdict in row.verdicts.items()
    }
    return {
        "name": row.pair.name,
        "kind": row.pair.kind,
        "old": row.pair.old,
        "new": row.pair.new,
        "passes": row.passes,
        "failure": str(row.failure or ""),
        "seconds": row.seconds,
        "modes": verdicts,
    }


def _cell(verdict: Verdict) -> str:
    style = _STYLES[verdict.answer]
    return f"[{style}]{verdict.answer}[/]"
