"""Fixtures of the tests with real frameworks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def folder(kept: Callable[[str], Path]) -> Path:
    """For applications; kept between runs."""
    return kept("frameworks")
