"""A DataFrame with values that are compared by identity, and some whose classes are pandas' own."""

from __future__ import annotations

from typing import Any

import pandas  # type: ignore[import-untyped]

Facts = dict[str, Any]


def make() -> Any:
    """A new one."""
    columns = {
        "name": pandas.Categorical(["a", "b", "a"]),
        "amount": [1, 2, 3],
        "when": pandas.to_datetime(["2024-01-01", "2024-01-02", None]),
        "maybe": pandas.array([1, None, 3], dtype="Int64"),
    }
    return pandas.DataFrame(columns)


def origins(thing: Any) -> list[tuple[Any, Any]]:
    """What shows whose it is, with the module whose version that should be."""
    return [(thing, pandas), (thing["maybe"].dtype, pandas)]


def facts(thing: Any) -> Facts:
    """What it is, and what its code computes."""
    groups, found = thing.groupby("name", observed=True)["amount"].sum(), thing.query("amount > 1")
    return {
        "class": [type(thing).__module__, type(thing).__qualname__],
        "is of this version": isinstance(thing, pandas.DataFrame)
        and isinstance(groups, pandas.Series)
        and isinstance(found, pandas.DataFrame),
        "missing": [thing["maybe"][1] is pandas.NA, thing["when"][2] is pandas.NaT],
        "groups": groups.to_dict(),
        "found": found.to_csv(),
        "json": thing.to_json(),
        "types": str(thing.dtypes.to_dict()),
    }
