"""What the matrix has: kinds of objects, where they are made and sent from, the ways there and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from tests.wire.payload.ways import WAYS as _WAYS

Side: TypeAlias = Literal["own", "old", "new"]

SIDES: tuple[Side, ...] = ("own", "old", "new")
_VERSIONS = Path(__file__).with_name("versions.json")

KINDS = {
    "frames": "DataFrame",
    "arrays": "ndarray",
    "large_arrays": "ndarray of 2 MB",
    "models": "pydantic model",
    "estimators": "estimator",
    "rows": "ORM instance",
    "holders": "class that holds one of each",
}
"""What it is, by the module of ``payload`` that makes it."""
WAYS = tuple(_WAYS)
FUNCTION_WAYS = WAYS[WAYS.index("fork") :]
"""Those that functions are sent in."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object is from: the package that makes it, the one whose code sends it, and of which versions it is."""

    title: str
    maker: str
    sender: str
    side: Side


ORIGINS = (
    Origin("the plain name", "by_own", "by_own", "own"),
    Origin("the old alias", "by_old", "by_old", "old"),
    Origin("the new alias", "by_new", "by_new", "new"),
    Origin("inside a tree", "needs_old", "by_old", "old"),
    Origin("inside a tree", "needs_new", "by_new", "new"),
    Origin("inside a tree, sent by its code", "needs_old", "needs_old", "old"),
    Origin("inside a tree, sent by its code", "needs_new", "needs_new", "new"),
)
"""In the application that has everything. ``by_…`` are packages of its own, ``needs_…`` libraries."""
ALIASES = ORIGINS[1:3]
"""In the application that has the aliases alone."""


def all_pins() -> dict[str, dict[Side, dict[str, str]]]:
    """The version of each module, by Python (``X.Y``) and side."""
    found: dict[str, dict[Side, dict[str, str]]] = json.loads(_VERSIONS.read_text("utf-8"))
    return found


def pins(python: str) -> dict[Side, dict[str, str]]:
    """Those for Python ``X.Y``.

    :raises KeyError: none are recorded for that
    """
    return all_pins()[python]
