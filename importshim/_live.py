"""The runtime that is live in this process, for code that nobody hands it to."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importshim._runtime import Runtime

live: list[Runtime] = []
"""One, or none."""


def runtime() -> Runtime:
    """The runtime that is live.

    :raises RuntimeError: importshim is not active
    """
    if not live:
        raise RuntimeError("importshim is not active in this process; start it with app/bin/python or call activate()")
    return live[0]
