"""A page that is played as it stands: its files are written, its commands typed, their output compared.

A block with ``title="main.py"`` is that file. In a ``console`` block, lines after a command are what it prints; ``…``
stands for any text, as a line for any lines, and a command without such lines may print anything. A command that prints
an error on the page fails.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.markdown import Block, Page, typed_and_printed

_END = re.compile(r"\n?<<< exit code (\d+) >>>\n")
_FAILURE = re.compile(r"(.*: )?(error:|ERROR:|Traceback)")


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page, what the page says it prints, and what it did print."""

    command: str
    expected: list[str]
    printed: str
    exit_code: int

    @property
    def is_as_written(self) -> bool:
        """Whether exit code and output are those of the page."""
        fails = any(_FAILURE.match(line) for line in self.expected)
        return (self.exit_code != 0) == fails and (not self.expected or self._has_expected_lines())

    def _has_expected_lines(self) -> bool:
        lines = ["(?s:.*\n)?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in self.expected]
        return re.fullmatch("".join(lines), self.printed.rstrip("\n") + "\n") is not None


def play(page: Page, folder: Path, variables: dict[str, str]) -> list[Step]:
    """Every command of the page, run by one shell in ``folder`` with ``mvlock`` on PATH."""
    commands = [pair for block in page.blocks for pair in _lines(block)]
    script = "".join(f"{command}\nprintf '\\n<<< exit code %s >>>\\n' $?\n" for command, _ in commands)
    done = subprocess.run(
        ["bash"],
        input=f"exec 2>&1\n{script}",
        cwd=folder,
        env=_environment(folder) | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    parts = _END.split(done.stdout)
    outputs = zip(parts[::2], parts[1::2], strict=False)
    return [
        Step(command, expected, printed, int(code))
        for (command, expected), (printed, code) in zip(commands, outputs, strict=True)
    ]


def _lines(block: Block) -> list[tuple[str, list[str]]]:
    """The commands of a block, each with the lines that it prints; a file is written by a command, too."""
    if block.language == "console":
        return typed_and_printed(block.text)
    if block.title:
        return [(f"mkdir -p $(dirname {block.title}) && cat > {block.title} <<'END'\n{block.text}END", [])]
    return []


def _environment(folder: Path) -> dict[str, str]:
    command = folder / ".bin" / "mvlock"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mvlock "$@"\n', "utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MVLOCK_", "PYTHON"))}
    path = os.pathsep.join([str(command.parent), os.environ["PATH"]])
    return kept | {
        "PATH": path,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MVLOCK_NO_CONFIG": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
