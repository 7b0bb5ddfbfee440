"""How much is tried: a little in every run of the tests, much with `python -m tests.robust --long`."""

from __future__ import annotations

import os

LONG = "MVLOCK_TEST_LONG"
"""The variable that is set for the long run."""


def amount(few: int, many: int) -> int:
    """How often something is tried."""
    return many if os.environ.get(LONG) else few
