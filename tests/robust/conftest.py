"""Fixtures of these tests: command lines in this process."""

from __future__ import annotations

from tests.commands.conftest import mvlock

__all__ = ["mvlock"]
