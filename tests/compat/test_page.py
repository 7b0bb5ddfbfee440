"""The committed page matches the committed results and pairs."""

from __future__ import annotations

from tests.compat.judge import Row, Verdict
from tests.compat.page import RESULTS, ModeResult, Results, page_text, read_results, versions
from tests.compat.pairs import MODES, PAIRS, read_pairs
from tests.compat.report import results_json
from tests.e2e.markdown import read_page


def test_the_page_is_made_of_the_stored_results() -> None:
    assert read_page("docs/compatibility.md").text == page_text(read_results(RESULTS))


def test_the_rows_of_the_page_are_the_pairs() -> None:
    pairs = read_pairs(PAIRS, read_results(RESULTS).python)
    lines = read_page("docs/compatibility.md").section("Pairs").text.splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("|")]
    assert [row[:3] for row in rows[2:]] == [[pair.name, pair.kind, versions(pair.old, pair.new)] for pair in pairs]


def test_a_remark_stays_in_its_cell() -> None:
    results = read_results(RESULTS)
    failed = ModeResult(answer="failed", why="old: printed 'a|b',\nnot 'c'")
    pair = results.pairs[0].model_copy(update={"modes": results.pairs[0].modes | {"threads": failed}})
    text = page_text(results.model_copy(update={"pairs": (pair,)}))
    assert "| failed | threads: old: printed 'a\\|b', not 'c' |\n" in text


def test_what_a_run_writes_becomes_a_row() -> None:
    pair = read_pairs(PAIRS, "3.11")[0]
    written = results_json([Row(pair, {mode: Verdict("ok", seconds=1.5) for mode in MODES}, {"resolve": 2.5})], "3.11")
    row = f"| {pair.name} | {pair.kind} | {versions(pair.old, pair.new)} | ok | ok | ok | ok |  |"
    assert row in page_text(Results.model_validate_json(written)).splitlines()
