"""``python -m tests.errors``: write docs/errors.md again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.errors.page import PAGE, page
from tests.errors.run import run_scenario
from tests.errors.scenarios import SCENARIOS


def write() -> None:
    """Run every scenario and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [
            (scenario, run_scenario(scenario, Path(folder) / str(number))[2])
            for number, scenario in enumerate(SCENARIOS)
        ]
    PAGE.write_text(page(outputs, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
