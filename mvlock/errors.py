"""The errors, by cause.

    MvlockError                 everything we refuse on purpose; never a traceback
    ├── UnmetRequest      1     a conflict, a stale lock, a failed verification
    ├── LocalError        2     the command line, pyproject.toml, mv.lock or the file system is wrong
    ├── NetworkFailure    3     the network, an index or a git server did not respond
    └── BadArtifact       4     an artifact is not what the lock promises

The number is the exit code of the command. 70 is reserved for our own bugs. An error consists of a stable ``code``
(``lock-stale``; ``mvlock.codes`` has them all), a ``message`` with the facts, and a ``hint`` only if the user can do
something.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from mvlock.codes import Code


class MvlockError(Exception):
    """An error with an explanation.

    ``code`` is a stable kebab-case identifier, ``message`` one or more full lines, with or without a final period,
    ``hint`` what the user can do (or None). ``facts`` are JSON-serialisable details for ``--json``.
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self, code: Code, message: str, *, hint: str | None = None, facts: dict[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.facts = facts or {}


class UnmetRequest(MvlockError):
    """The request cannot be met: a conflict, a stale or missing lock, a failed check."""

    exit_code = 1


class LocalError(MvlockError):
    """The command line, pyproject.toml, mv.lock or something on this machine is wrong; the reader can correct it."""

    exit_code = 2


class NetworkFailure(MvlockError):
    """The network, an index or a git server failed; trying again may help."""

    exit_code = 3


class BadArtifact(MvlockError):
    """A downloaded or stored artifact is not what it must be (hash, unsafe path, malformed)."""

    exit_code = 4
