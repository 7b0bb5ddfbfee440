"""The browser of the system."""

from __future__ import annotations

import os
import shutil

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The path of a Chromium: what `MVLOCK_TEST_CHROMIUM` says, else what is on PATH."""
    named = os.environ.get("MVLOCK_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)
