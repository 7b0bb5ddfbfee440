"""The TOML parser: ``tomllib``, or ``tomli`` where the standard library has none (Python 3.10)."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["tomllib"]
