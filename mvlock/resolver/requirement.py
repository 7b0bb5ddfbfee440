"""What resolvelib works on: requirements of one solve, and candidates."""

from __future__ import annotations

import msgspec

from mvlock.codes import Code
from mvlock.resolver.need import Key, Need
from mvlock.resolver.release import Release


class Candidate(msgspec.Struct, frozen=True, eq=False):
    """A release (``extra`` "") or one extra of it; ``number`` is its place in the table of its project."""

    release: Release
    number: int
    extra: str = ""

    @property
    def key(self) -> Key:
        """What it is a candidate for."""
        return self.release.project, self.extra

    def __str__(self) -> str:
        extra = f"[{self.extra}]" if self.extra else ""
        return f"{self.release.project}{extra} {self.release.version}"


class SolverRequirement(msgspec.Struct, frozen=True, eq=False):
    """A need for one key. Without a need it requires exactly the release that an extra belongs to."""

    key: Key
    need: Need | None = None
    number: int | None = None

    def __str__(self) -> str:
        return str(self.need) if self.need else self.key[0]


class UnsatisfiableRequirement(msgspec.Struct, frozen=True, eq=False):
    """A requirement that nothing satisfies: why a candidate that seemed to fit cannot be used after all.

    Known only once its metadata is read, which is not worth doing before the candidate is tried.
    """

    key: Key
    code: Code
    text: str

    def __str__(self) -> str:
        return self.text
