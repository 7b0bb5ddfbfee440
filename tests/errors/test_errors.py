"""Every error is printed as docs/errors.md shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mvlock.codes import CODES
from tests.errors.page import BY_HAND, PAGE, command_line, page, sections_of, table
from tests.errors.run import run_scenario
from tests.errors.scenario import Scenario
from tests.errors.scenarios import SCENARIOS

SECTIONS = sections_of(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_an_error_is_printed_as_the_page_shows_it(scenario: Scenario, tmp_path: Path) -> None:
    code, error_code, text = run_scenario(scenario, tmp_path)
    assert (code, error_code) == (scenario.exit_code, scenario.code)
    assert scenario.exit_code in CODES[scenario.code].exit_codes
    assert "Traceback" not in text
    assert text.startswith("error: ")
    assert f"\n{command_line(scenario)}\n{text}\n```" in SECTIONS[scenario.title]


def test_the_page_has_every_code() -> None:
    """After a change of ``mvlock.codes`` or of the scenarios: ``python -m tests.errors``."""
    assert SECTIONS["All codes"] == table()


def test_the_page_has_every_scenario_in_order_and_manual_sections() -> None:
    titles = [title for title, text in SECTIONS.items() if not text.startswith(BY_HAND)]
    assert titles == [*(scenario.title for scenario in SCENARIOS), "All codes"]


def test_what_was_written_by_hand_stays_where_it_is() -> None:
    first, second = SCENARIOS[0], SCENARIOS[1]
    before = page([(first, "error: old"), (second, "error: old")], "").replace("exit", "EXIT")
    manual = f"{BY_HAND}\n\nMind the gap.\n\n```console\n$ mvlock why\n```\n"
    with_manual = before.replace(
        f"## {second.title}\n", f"## By hand\n\n{manual}\n## Gone\n\nold\n\n## {second.title}\n"
    )
    after = page([(first, "error: new"), (second, "error: new")], with_manual)
    assert list(sections_of(after)) == [first.title, "By hand", second.title, "All codes"]
    assert sections_of(after)["By hand"] == manual
    assert "EXIT" not in after and "error: old" not in after
    assert page([(first, "error: new"), (second, "error: new")], after) == after
