"""The log of one run, for bug reports: all that ``-v`` shows, with times, and how mvlock was called.

It contains no credentials: they are removed from every URL, and so are queries, which may be signatures.
"""

from __future__ import annotations

import platform
import re
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from mvlock import __version__
from mvlock.errors import LocalError

_CREDENTIALS = re.compile(r"(?<=://)[^/\s'\"]*@")
_QUERY = re.compile(r"(://[^\s'\"?#]*)\?[^\s'\"]*")


class LogFile:
    """A file to which lines are appended as they come. A log that is there already is replaced."""

    def __init__(self, path: Path, command_line: Sequence[str]) -> None:
        """Create the file.

        :raises LocalError: ``file-system``
        """
        try:
            self._file = path.expanduser().open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
        except OSError as error:
            raise LocalError("file-system", f"--log-file: {path}: {error.strerror}") from error
        self.write(f"mvlock {__version__}, Python {platform.python_version()} at {sys.executable}")
        self.write(f"{platform.platform()}, {platform.machine()}, {platform.python_implementation()}")
        self.write(f"mvlock {shlex.join(command_line)}")

    def write(self, text: str) -> None:
        """Add a message; its further lines are indented."""
        time = datetime.now(timezone.utc).isoformat(" ", "milliseconds")[:23]
        self._file.write(f"{time}  {_public(text.rstrip()).replace(chr(10), chr(10) + ' ' * 25)}\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _public(text: str) -> str:
    """The text without credentials."""
    return _QUERY.sub(r"\1?...", _CREDENTIALS.sub("", text))
