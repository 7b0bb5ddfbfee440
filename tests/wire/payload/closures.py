"""Functions that can only be pickled by value."""

from __future__ import annotations

from collections.abc import Callable

import pandas  # type: ignore[import-untyped]


def closure() -> Callable[[], list[str]]:
    """One that names a version, imports it, gets it from the import system, and executes code that does."""

    def inner() -> list[str]:
        import importlib

        import pandas as imported

        names: dict[str, str] = {}
        exec("import pandas\nversion = pandas.__version__", names)
        asked = importlib.import_module("pandas").__version__
        return [pandas.__version__, imported.__version__, asked, names["version"]]

    return inner


LAMBDA = lambda: [pandas.__version__]  # noqa: E731 - its name is not that of what holds it
