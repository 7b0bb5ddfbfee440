"""What a message quotes may come from outside and be of any length: lines are cut in the middle."""

from __future__ import annotations

_LONGEST, _KEPT = 1000, 400


def shortened(text: str) -> str:
    """The text, with only the beginning and the end of lines that nobody would read."""
    return "\n".join(map(_line, text.splitlines()))


def _line(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_KEPT]}…{line[-_KEPT:]}"
