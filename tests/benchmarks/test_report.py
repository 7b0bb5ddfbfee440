"""Tables are made of the figures, and the committed page of the committed ones."""

from __future__ import annotations

from benchmarks.measure import Figure, Measurement
from benchmarks.report import README, available, readme
from benchmarks.results import Results

_PAGE = "before\n<!-- table install -->\nold\n<!-- end -->\nafter\n"


def test_the_page_is_made_of_the_stored_figures() -> None:
    text = README.read_text("utf-8")
    assert readme(text, available()) == text


def test_a_table_says_what_share_of_a_peer_we_take() -> None:
    found: dict[str, Figure] = {"warm: mvlock": Measurement(3, 6, 40), "warm: uv sync": Measurement(2, 4, 30)}
    found["warm: pip"] = "failed"
    text = readme(_PAGE, {"install": Results({"runs": 3}, {"w1": found})})
    assert "| warm: uv sync | 2 | 4 | 30 | 1.5 (1.5) |\n" in text
    assert "| warm: pip | failed | | | |\n" in text


def test_what_is_outside_the_markers_stays() -> None:
    text = readme(_PAGE, {})
    assert text == "before\n<!-- table install -->\n<!-- end -->\nafter\n"


def test_a_step_that_took_too_long_says_so() -> None:
    page = _PAGE.replace("install", "scale")
    found: dict[str, dict[str, Figure]] = {"10": {"install": Measurement(1, 2, 30)}, "1000": {"install": "too long"}}
    assert "| install | 1 s (2), 30 MB | too long |" in readme(page, {"scale": Results({}, found)})


def test_a_target_that_is_missed_says_so() -> None:
    page = _PAGE.replace("install", "targets")
    figures: dict[str, Figure] = {"warm: mvlock": Measurement(9, 9, 300)}
    text = readme(page, {"resolve": Results({}, {"w3": figures})})
    assert "| resolve warm, w3, MB | 300 | 250 | **missed** |" in text
    assert "| resolve cold, w1, to uv lock |  | 3 | not measured |" in text
