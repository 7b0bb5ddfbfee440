"""Everything wrong with one configuration file, reported together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from mvlock.errors import LocalError

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong: a stable ``code``, the path of its ``key`` (may be ""), the ``text``."""

    code: str
    key: str
    text: str

    def line(self, file: str) -> str:
        """``file: key: text``."""
        return ": ".join(part for part in (file, self.key, self.text) if part)


class Problems:
    """A growing list of problems of one ``file``; a layer adds, the end of the layer raises.

    ``unwritten``: the beginning of keys that the file leaves out.
    """

    def __init__(self, file: str, unwritten: str = "") -> None:
        self.file = file
        self._unwritten = unwritten
        self._found: list[Problem] = []

    def add(self, code: str, key: str, text: str) -> None:
        """Add a problem; duplicates are dropped."""
        problem = Problem(code, key.removeprefix(self._unwritten), text)
        if problem not in self._found:
            self._found.append(problem)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        """Raise if there are problems.

        :raises LocalError: ``project-invalid`` with one line per problem and all of them in ``facts``
        """
        if self._found:
            raise LocalError(
                "project-invalid",
                "\n".join(problem.line(self.file) for problem in self._found),
                facts={"problems": [{"code": p.code, "key": p.key, "text": p.text} for p in self._found]},
            )


def key_path(parts: Sequence[str | int]) -> str:
    """``("tool", "mvlock", "index", 0)`` as messages show it: ``tool.mvlock.index[0]``; unusual keys quoted."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            shown = part if _BARE_KEY.fullmatch(part) else f'"{part}"'
            text += f".{shown}" if text else shown
    return text


def did_you_mean(wrong: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """``; did you mean 'isolate'?``, or "" if nothing is similar by at least ``cutoff`` (0 to 1)."""
    from difflib import get_close_matches  # only needed after a typo

    near = get_close_matches(wrong, sorted(known), n=1, cutoff=cutoff)
    return f"; did you mean '{near[0]}'?" if near else ""
