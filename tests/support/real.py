"""Real wheels: what the tests do where the package index cannot be reached."""

from __future__ import annotations

import pytest

_NETWORK = 3
"""The exit code of a command that could not reach the index."""


def skip_without_index(code: int, said: str) -> None:
    """Skip the test if a command ended by that ``code``."""
    if code == _NETWORK:
        pytest.skip(f"the index cannot be reached: {said}")
