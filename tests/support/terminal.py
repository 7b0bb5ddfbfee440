"""What a person sees: a command on a pseudo-terminal, and the pictures that it leaves on the screen."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyte

from tests.support.project import ProjectFolder

_ROWS = 24


@dataclass(frozen=True, slots=True)
class Watched:
    """The exit code of a command, all that it sent to the terminal, and each state of the screen, as its lines."""

    code: int
    sent: str
    screens: tuple[tuple[str, ...], ...]
    chunks: tuple[bytes, ...] = ()

    def lines(self, title: str) -> list[str]:
        """Each line that ever was on the screen and begins with ``title``, after the sign that turns."""
        return [line for screen in self.screens for line in screen if line[2:].startswith(title)]


def watched(project: ProjectFolder, *words: str, columns: int = 80, variables: Mapping[str, str] = {}) -> Watched:
    """Run a command line of mvlock on a terminal with so many columns."""
    place = ["--project", str(project.root), "--cache-dir", str(project.cache)]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MVLOCK_", "CI"))}
    environment = {**kept, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2]), **variables}
    keyboard, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
    command = [sys.executable, "-m", "mvlock", *place, *words]
    with subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=environment) as process:
        os.close(screen)
        chunks = list(_chunks(keyboard))
        os.close(keyboard)
    return Watched(
        process.returncode, b"".join(chunks).decode(errors="replace"), tuple(_screens(chunks, columns)), tuple(chunks)
    )


def _chunks(keyboard: int) -> Iterator[bytes]:
    with suppress(OSError):  # the end of a terminal is an error on Linux
        while chunk := os.read(keyboard, 65536):
            yield chunk


def terminal(chunks: Iterable[bytes], columns: int) -> Iterator[pyte.Screen]:
    """The screen after each of ``chunks``."""
    screen = pyte.Screen(columns, _ROWS)
    stream = pyte.ByteStream(screen)
    for chunk in chunks:
        stream.feed(chunk)
        yield screen


def _screens(chunks: list[bytes], columns: int) -> Iterator[tuple[str, ...]]:
    for screen in terminal(chunks, columns):
        yield tuple(line.rstrip() for line in screen.display if line.strip())
