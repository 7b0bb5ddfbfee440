"""docs/pickling.md: the results as tables, within the text of page.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template

from pydantic import BaseModel

from tests.support.tables import table_text
from tests.wire.cells import ALIASES, FUNCTION_WAYS, KINDS, ORIGINS, SIDES, WAYS, Origin, Side
from tests.wire.judge import Cell

RESULTS = Path(__file__).with_name("results.json")
_TEXT = Path(__file__).with_name("page.md")
_SIDES: Mapping[Side, str] = {"own": "by name", "old": "old", "new": "new"}


class Objects(BaseModel):
    """The cells of objects of one origin: kind, way, cell."""

    title: str
    side: Side
    cells: dict[str, dict[str, Cell]]


class Run(BaseModel):
    """The results of a run on one Python. ``functions``: case, way, cell."""

    python: str
    platform: str
    versions: dict[Side, dict[str, str]]
    beside: list[Objects]
    aliases: list[Objects]
    functions: dict[str, dict[str, Cell]]

    def with_newer(self, run: Run) -> Run:
        """The results of ``run``, and those that only this one has, if the versions are the same."""
        if run.versions != self.versions:
            return run
        beside, aliases = _joined(self.beside, run.beside), _joined(self.aliases, run.aliases)
        return run.model_copy(
            update={"beside": beside, "aliases": aliases, "functions": self.functions | run.functions}
        )

    @property
    def all_cells(self) -> list[Cell]:
        """Every one."""
        objects = [one.cells for one in (*self.beside, *self.aliases)]
        return [cell for cells in (*objects, self.functions) for row in cells.values() for cell in row.values()]


def _joined(before: Sequence[Objects], after: Sequence[Objects]) -> list[Objects]:
    return [new.model_copy(update={"cells": old.cells | new.cells}) for old, new in zip(before, after, strict=True)]


class Results(BaseModel):
    """The newest run on each Python; the page shows the first, and counts the others."""

    runs: list[Run] = []

    def with_run(self, run: Run) -> Results:
        """These and ``run``, whose results replace those of the same cells on the same Python."""
        if all(one.python != run.python for one in self.runs):
            return Results(runs=[*self.runs, run])
        return Results(runs=[one.with_newer(run) if one.python == run.python else one for one in self.runs])


def read_results(path: Path = RESULTS) -> Results:
    """The results of earlier runs; none if there are none."""
    return Results.model_validate_json(path.read_text("utf-8")) if path.exists() else Results()


def page_text(results: Results) -> str:
    """The whole page."""
    run, *others = results.runs
    return Template(_TEXT.read_text("utf-8")).substitute(
        python=run.python,
        platform=run.platform,
        versions=_versions_table(run),
        objects=_objects_table(run.beside, ORIGINS),
        remarks=_remarks(run.beside),
        functions=_functions_table(run),
        aliases=_objects_table(run.aliases, ALIASES),
        aliasremarks=_remarks(run.aliases),
        others="".join(f"\n\n{_counted(run)}" for run in others),
    )


def _versions_table(run: Run) -> str:
    names = list(run.versions["own"])
    rows = [(_SIDES[side], *(run.versions[side][name] for name in names)) for side in SIDES]
    return table_text(["", *names], rows)


def _objects_table(found: Sequence[Objects], origins: Sequence[Origin]) -> str:
    titles = list(dict.fromkeys(origin.title for origin in origins))
    rows = [
        (
            KINDS[kind],
            title,
            *(_together([one.cells[kind][way] for one in found if one.title == title]) for way in WAYS),
        )
        for kind in KINDS
        for title in titles
    ]
    return table_text(["object", "made with", *WAYS], rows)


def _functions_table(run: Run) -> str:
    rows = [[case, *(_function_cell(cells, way) for way in FUNCTION_WAYS)] for case, cells in run.functions.items()]
    return table_text(["a function that", *FUNCTION_WAYS], rows)


def _function_cell(cells: dict[str, Cell], way: str) -> str:
    return cells[way].answer if way in cells else "-"


def _together(cells: Sequence[Cell]) -> str:
    """The answers; one, if all are equal."""
    return ", ".join(dict.fromkeys(cell.answer for cell in cells))


def _remarks(found: Sequence[Objects]) -> str:
    """A line for everything that is not the same, once for all origins that have it."""
    counted: dict[str, list[str]] = {}
    for title, kind, way, cell in _not_the_same(found):
        counted.setdefault(f"{KINDS[kind]}, {way}: {cell.answer}: {cell.why}", []).append(title)
    lines = [f"- {text} ({'; '.join(dict.fromkeys(titles))})" for text, titles in counted.items()]
    return "\n".join(" ".join(line.split()) for line in lines)


def _not_the_same(found: Sequence[Objects]) -> Iterator[tuple[str, str, str, Cell]]:
    for one in found:
        for kind, cells in one.cells.items():
            yield from ((one.title, kind, way, cell) for way, cell in cells.items() if cell.answer != "same")


def _counted(run: Run) -> str:
    """The results of another run, in a sentence."""
    counts = Counter(cell.answer for cell in run.all_cells)
    counted = ", ".join(f"{count} {answer}" for answer, count in counts.most_common())
    pandas = ", ".join(run.versions[side]["pandas"] for side in SIDES)
    return f"On CPython {run.python}, with pandas {pandas} and other libraries that fit them: {counted}."
