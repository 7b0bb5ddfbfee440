"""The pairs: their versions, the code that distinguishes them, and what each prints without the other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

PAIRS = Path(__file__).with_name("pairs.json")

Side: TypeAlias = Literal["old", "new"]
Mode: TypeAlias = Literal["old-new", "new-old", "interleaved", "threads"]

MODES: tuple[Mode, ...] = ("old-new", "new-old", "interleaved", "threads")


class ThreadsLimit(BaseModel):
    """Why the smoke cannot run in several threads, even with only one version in a plain environment.

    ``smoke``, if there is one, is the part of it that can; ``stdout_*`` is what that prints.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str
    smoke: str | None = None
    stdout_old: str | None = None
    stdout_new: str | None = None


class Pair(BaseModel):
    """Two versions of one library.

    ``smoke`` is the code of a module; run with one version alone it prints ``stdout_old`` or ``stdout_new`` (None: not
    recorded). ``extra_*`` are pins beside the library's own. ``python`` replaces fields for one ``X.Y``, where the
    versions have no wheels for it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    kind: str
    old: str
    new: str
    smoke: str
    extra_reqs: tuple[str, ...] = ()
    extra_old: tuple[str, ...] = ()
    extra_new: tuple[str, ...] = ()
    stdout_old: str | None = None
    stdout_new: str | None = None
    threads: ThreadsLimit | None = None
    python: dict[str, dict[str, Any]] = {}

    def requirements(self, side: Side) -> tuple[str, ...]:
        """Everything that one side is pinned to."""
        own = (self.old, self.extra_old) if side == "old" else (self.new, self.extra_new)
        return (own[0], *self.extra_reqs, *own[1])

    @property
    def smokes(self) -> dict[str, str]:
        """The code to run: under ``""`` that of every mode but those that have their own."""
        own = self.threads.smoke if self.threads else None
        return {"": self.smoke} | ({"threads": own} if own else {})

    def recorded(self, side: Side, mode: Mode) -> str | None:
        """What the smoke of ``mode`` prints with only one version."""
        source = self.threads if mode == "threads" and self.threads else self
        return source.stdout_old if side == "old" else source.stdout_new

    def on(self, version: str) -> Pair:
        """The pair as it is on Python ``X.Y``."""
        return self.with_changes(self.python.get(version, {}))

    def with_changes(self, changes: dict[str, Any]) -> Pair:
        """The pair with other fields; a replaced version has only the output that is among them."""
        stale = {f"stdout_{side}": None for side in ("old", "new") if side in changes}
        threads = self.threads and self.threads.model_copy(update=stale)
        return Pair.model_validate(self.model_dump(exclude={"python"}) | {"threads": threads} | stale | changes)


def read_pairs(path: Path, version: str) -> list[Pair]:
    """The pairs of a file as they are on Python ``X.Y``, in the file's order.

    :raises pydantic.ValidationError: the file is no list of pairs (a ValueError, as is what is not JSON)
    """
    return [Pair.model_validate(entry).on(version) for entry in json.loads(path.read_text("utf-8"))]
