"""An ndarray of 2 MB: some libraries send such by a way of their own."""

from __future__ import annotations

from typing import Any

import numpy  # type: ignore[import-not-found]

from .arrays import facts, origins

__all__ = ["facts", "make", "origins"]


def make() -> Any:
    """A new one."""
    return numpy.arange(262144.0).reshape(2, -1)
