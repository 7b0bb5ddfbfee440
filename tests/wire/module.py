"""A module of the application that makes functions."""

from __future__ import annotations

from collections.abc import Callable

import pandas_new  # type: ignore[import-not-found]


def closure() -> Callable[[], list[str]]:
    """A function that is pickled by value."""

    def inner() -> list[str]:
        import importlib

        import pandas  # type: ignore[import-untyped]
        import pandas_old  # type: ignore[import-not-found]

        found = pandas_old, pandas_new, pandas, importlib.import_module("pandas_old")
        return [one.__version__ for one in found]

    return inner
