"""The committed page matches the committed results, which have no fault."""

from __future__ import annotations

from tests.e2e.markdown import read_page
from tests.wire.cells import ALIASES, FUNCTION_WAYS, KINDS, ORIGINS, WAYS, Origin, pins
from tests.wire.judge import RIGHT, Cell, judged
from tests.wire.page import Objects, Results, Run, page_text, read_results

_RUNS = read_results().runs
_SEEN = {"versions": ["1.0"], "is of this version": True, "held": [{"changed": []}]}


def _shape(objects: list[Objects]) -> list[tuple[str, str, dict[str, list[str]]]]:
    return [(one.title, one.side, {kind: list(cells) for kind, cells in one.cells.items()}) for one in objects]


def _wanted(origins: tuple[Origin, ...]) -> list[tuple[str, str, dict[str, list[str]]]]:
    return [(one.title, one.side, {kind: list(WAYS) for kind in KINDS}) for one in origins]


def test_the_page_is_made_of_the_stored_results() -> None:
    assert read_page("docs/pickling.md").text == page_text(read_results())


def test_no_cell_is_wrong_or_broken() -> None:
    assert {cell.answer for run in _RUNS for cell in run.all_cells} <= set(RIGHT)


def test_every_run_has_tried_all_of_the_matrix_with_the_recorded_versions() -> None:
    for run in _RUNS:
        assert run.versions == pins(run.python)
        assert (_shape(run.beside), _shape(run.aliases)) == (_wanted(ORIGINS), _wanted(ALIASES))
        assert {way for cells in run.functions.values() for way in cells} == set(FUNCTION_WAYS)


def test_a_run_of_some_kinds_leaves_the_others_as_they_were() -> None:
    run = _RUNS[0]
    some = Run(**run.model_dump(exclude={"beside", "aliases", "functions"}), beside=[], aliases=[], functions={})
    for name in ("beside", "aliases"):
        found = [one.model_copy(update={"cells": {"rows": one.cells["rows"]}}) for one in getattr(run, name)]
        setattr(some, name, found)
    assert read_results().with_run(some) == read_results()
    assert Results().with_run(some).runs == [some]


def test_a_cell_is_read_as_it_was_written() -> None:
    for cell in (Cell(answer="same"), Cell(answer="refused", why="No module: tree a has it")):
        assert Cell.model_validate_json(cell.model_dump_json()) == cell


def test_what_is_not_the_same_is_reported_with_its_place() -> None:
    other = _SEEN | {"held": [{"changed": ["x"]}]}
    sent = {"here": _SEEN, "there": other, "back": _SEEN, "is same": True}
    wrong = Cell(answer="wrong", why="there: held changed ['x'], not []")
    assert judged(sent, None, {"lib": "1.0"}) == wrong
    assert judged(sent, sent, {"lib": "1.0"}) == wrong.model_copy(update={"answer": "as without mvlock"})
    assert judged(sent | {"there": _SEEN, "is same": False}, None, {"lib": "1.0"}).answer == "wrong"


def test_an_error_is_right_only_if_it_names_the_choices() -> None:
    choices = "ModuleNotFoundError: No module named 'lib' for tree c; trees a, b have it (lib 1.0). Write this"
    assert judged({"error": choices}, None, {}) == Cell(
        answer="refused", why="No module named 'lib' for tree c; trees a, b have it (lib 1.0)"
    )
    assert judged({"error": "ModuleNotFoundError: No module named 'lib'"}, None, {}).answer == "broken"
    assert (
        judged({"error": "TypeError: cannot pickle"}, {"error": "TypeError: cannot pickle"}, {}).answer
        == "as without mvlock"
    )
