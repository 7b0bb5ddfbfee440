"""What a command takes: wall time, cpu time, memory; and what a folder takes on the disk."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mvlock.base.digests import sha256_of

_SAMPLE = 0.01
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Measurement:
    """``seconds`` of wall time, seconds of ``cpu`` (user and system, of all its processes), ``megabytes``.

    Memory is the largest sum of the resident sets (RSS) of a command and all its descendants, looked at a hundred times
    a second. What processes share is counted in each of them: never less than is really taken.
    """

    seconds: float
    cpu: float
    megabytes: float


Figure = Measurement | str
"""What was measured, or why nothing was: ``failed``, ``too long``."""

Work = tuple[Callable[[], object], Callable[[], Iterable[Measurement]]]
"""What is done untimed before, and commands, one after another, that count as one."""


class TooLong(Exception):
    """A command was ended because it took longer than it may."""


class Failed(Exception):
    """A command failed; the text is its output."""


def run(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str], limit: float | None = None
) -> Measurement:
    """Run a command that must succeed.

    :raises TooLong: it took longer than ``limit`` seconds, and was ended
    :raises Failed: it did not succeed
    """
    words, start = [str(word) for word in command], time.perf_counter()
    with (folder / "output.txt").open("w+b") as output:
        process = subprocess.Popen(
            words, cwd=folder, env=dict(variables), stdout=output, stderr=output, start_new_session=True
        )
        with _watched(process.pid, limit) as (memory, over):
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if over.is_set():
            raise TooLong
        if process.returncode:
            raise Failed(f"{' '.join(words)}: exit {process.returncode}\n{output.read().decode()}")
    return Measurement(seconds, usage.ru_utime + usage.ru_stime, memory.most / 1e6)


def set_aside(folder: Path, *names: str) -> None:
    """Move files and folders of ``folder`` away, where they are.

    After a removal ext4 is slow for minutes, for it steps around every inode just freed.
    """
    aside = Path(tempfile.mkdtemp(dir=folder))
    for number, name in enumerate(names):
        with suppress(FileNotFoundError):
            (folder / name).rename(aside / str(number))


@contextlib.contextmanager
def _watched(process: int, limit: float | None) -> Iterator[tuple[_Memory, threading.Event]]:
    """Look at the memory of a process, end it with all that it started after its time or if we are interrupted."""
    over, memory = threading.Event(), _Memory(process)

    def end() -> None:
        over.set()
        os.killpg(process, signal.SIGKILL)

    timer = threading.Timer(limit, end) if limit is not None else None
    memory.start()
    try:
        if timer is not None:
            timer.start()
        yield memory, over
    except BaseException:
        os.killpg(process, signal.SIGKILL)
        raise
    finally:
        memory.stop()
        if timer is not None:
            timer.cancel()


def compare(rounds: int, work: Mapping[str, Work]) -> dict[str, Figure]:
    """The medians of each, measured in turn, so that a slow moment of the machine meets all.

    What fails or takes too long is not tried again; its figure is the reason.
    """
    found: dict[str, list[Measurement]] = {name: [] for name in work}
    reasons: dict[str, Figure] = {}
    for _ in range(rounds):
        for name, (prepare, commands) in work.items():
            if name not in reasons:
                try:
                    prepare()
                    found[name].append(_together(list(commands())))
                except TooLong:
                    reasons[name] = "too long"
                except Failed as failure:
                    sys.stderr.write(f"{name}: {failure}\n")
                    reasons[name] = "failed"
    return {name: reasons.get(name) or _median(measured) for name, measured in found.items()}


def _together(parts: Sequence[Measurement]) -> Measurement:
    return Measurement(
        sum(part.seconds for part in parts),
        sum(part.cpu for part in parts),
        max(part.megabytes for part in parts),
    )


def _median(measured: Sequence[Measurement]) -> Measurement:
    return Measurement(
        statistics.median(one.seconds for one in measured),
        statistics.median(one.cpu for one in measured),
        max(one.megabytes for one in measured),
    )


class _Memory(threading.Thread):
    """Samples the memory of a process and its descendants until ``stop``."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._process = process
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_SAMPLE):
            self.most = max(self.most, _resident(self._process))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _resident(process: int, parent: bytes = b"") -> int:
    """Bytes of a process and all that it started; 0 of one that is gone.

    A child that has not yet its own program, and so its parent's command line, lives in the memory of its parent.
    """
    with suppress(OSError, IndexError):
        here = Path("/proc", str(process))
        words = (here / "cmdline").read_bytes()
        own = 0 if words == parent else int((here / "statm").read_text().split()[1]) * _PAGE
        children = [child for task in (here / "task").iterdir() for child in (task / "children").read_text().split()]
        return own + sum(_resident(int(child), words) for child in children)
    return 0


@dataclass(frozen=True, slots=True)
class Disk:
    """Megabytes of all distinct inodes, and of all distinct contents, which is the least that is possible."""

    inodes: float
    contents: float
    files: int


def disk(folders: Iterable[Path]) -> Disk:
    """What ``folders`` take together. Reads every file."""
    inodes: dict[tuple[int, int], int] = {}
    contents: dict[str, int] = {}
    files = 0
    for here, _, names in (entry for folder in folders for entry in os.walk(folder)):
        for path in (os.path.join(here, name) for name in names):  # noqa: PTH118  # a hundred thousand of them
            status = os.lstat(path)
            files += 1
            if (status.st_dev, status.st_ino) not in inodes and not os.path.islink(path):  # noqa: PTH114
                inodes[status.st_dev, status.st_ino] = status.st_size
                contents[sha256_of(Path(path))] = status.st_size
    return Disk(sum(inodes.values()) / 1e6, sum(contents.values()) / 1e6, files)
