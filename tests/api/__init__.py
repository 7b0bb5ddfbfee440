"""Tests of ``mvlock.api``."""
