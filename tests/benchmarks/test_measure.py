"""A command is measured with all that it starts, and ended with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Failed, Measurement, TooLong, compare, run


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(TooLong):
        run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, os.environ, 0.5)


def test_what_a_failed_command_said_is_kept(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no such luck"):
        run([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path, os.environ)


def test_a_failure_of_one_leaves_the_others_measured(tmp_path: Path) -> None:
    def command(text: str) -> list[Measurement]:
        return [run([sys.executable, "-c", text], tmp_path, os.environ)]

    nothing = lambda: None  # noqa: E731
    found = compare(2, {"good": (nothing, lambda: command("pass")), "bad": (nothing, lambda: command("1 / 0"))})
    assert isinstance(found["good"], Measurement)
    assert found["bad"] == "failed"
