"""The text of RECORD (PEP 376, PEP 427)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = re.compile(r'[,"\r\n]')


def record_row(path: str, digest: str = "", size: int = 0) -> str:
    """A line of RECORD (PEP 376); without a digest it says only that the file exists."""
    if _QUOTED.search(path):
        path = '"' + path.replace('"', '""') + '"'
    return f"{path},sha256={digest},{size}" if digest else f"{path},,"


def record_text(rows: Iterable[str]) -> bytes:
    """RECORD with these lines, sorted, each once: a script may come both as a file and as an entry point."""
    return "".join(f"{row}\n" for row in sorted(set(rows))).encode()
