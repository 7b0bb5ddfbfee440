"""Adds to an error what it does not say: which version of a library some native code was not compiled for."""

from __future__ import annotations

import re

from importshim._domain import distribution_of
from importshim._table import tree_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._domain import Domain
    from importshim._table import Table

_INCOMPATIBLE = re.compile(
    r"(?P<top>\w+)\.[\w.]+ (?:size changed|has the wrong size)|(?:compiled against (?:API|ABI) version|"
    r"compiled using NumPy|numpy\.core\.(?:multiarray|umath) failed to import|_ARRAY_API not found)"
)
"""What Cython and NumPy say; without a name of a library, it is NumPy's."""


def explain_incompatibility(error: BaseException, table: Table, domain: Domain, importing: str) -> None:
    """If native code of ``domain`` cannot use the version of a library that it gets, make ``error`` say so.

    ``importing``: the module whose code has imported it.
    """
    found = _INCOMPATIBLE.search(str(error))
    if found is None:
        return
    top = found["top"] or "numpy"
    provider = domain.provider_of(top)
    used = distribution_of(provider, top) if provider is not None else None
    user = distribution_of(domain, importing)
    if used is None or user is None or used[0] == user[0]:
        return
    tree = tree_with(table, domain, importing)
    bound = "<2" if top == "numpy" and int(used[1].partition(".")[0]) > 1 else "==…"
    place = "--alias" if tree in table.aliases else "--tree"
    _add_note(
        error,
        f"{user[0]} {user[1]} of tree {tree} was compiled for another version of {used[0]} than {used[1]}, which it "
        f'gets here; to give it one of its own: `mvlock add {place} {tree} "{used[0]}{bound}"`',
    )


def _add_note(error: BaseException, text: str) -> None:
    """As a note, once; Python 3.10 has none, so there it is part of the message."""
    if text in getattr(error, "__notes__", ()) or text in str(error):
        return
    if hasattr(error, "add_note"):
        error.add_note(text)
    else:
        error.args = (f"{error}\n{text}",)
        if isinstance(error, ImportError):
            error.msg = error.args[0]
