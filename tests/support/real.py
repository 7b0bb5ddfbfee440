"""Real wheels: what the tests do where the package index cannot be reached."""

from __future__ import annotations

import pytest

_NETWORK = 3
"""The exit code of a command that could not reach the index."""


def skip_without_index(code: int, stderr: str) -> None:
    """Skip the test if ``code`` is the exit code of a command that could not reach the index."""
    if code == _NETWORK:
        pytest.skip(f"the index cannot be reached: {stderr}")
