"""Whose TOML parser it is: the standard library's, or its forerunner where that has none (Python 3.10)."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["tomllib"]
