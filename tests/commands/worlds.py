"""One command line at a time, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mvlock.commands import main

Mvlock = Callable[..., "Outcome"]
"""``mvlock("resolve", "--check")``, in the project's folder with its own cache."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """Standard output as JSON."""
        return json.loads(self.out)


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file's content, to see that nothing was touched."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def run_main(*words: str) -> int:
    """The exit code of ``main``, also where argparse leaves by SystemExit."""
    try:
        return main(words)
    except SystemExit as leaving:
        return int(leaving.code or 0)
