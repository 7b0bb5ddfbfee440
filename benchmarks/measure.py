"""One command measured: seconds of wall time and of CPU, and the most memory that one of its processes had."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measurement:
    """``seconds`` (wall time) and ``cpu`` are medians, ``megabytes`` a maximum (of the process, not its children)."""

    seconds: float
    megabytes: float
    cpu: float


def run(command: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> Measurement:
    """Run a command that must succeed."""
    words, start = [str(word) for word in command], time.perf_counter()
    with (folder / "output.txt").open("w+b") as output:
        process = subprocess.Popen(words, cwd=folder, env=dict(variables), stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(words)}: exit {process.returncode}\n{output.read().decode()}")
    return Measurement(time.perf_counter() - start, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def several(runs: int, prepare: Callable[[], object], work: Callable[[], Sequence[Measurement]]) -> Measurement:
    """The median of ``runs`` times ``work``, each after an untimed ``prepare``; several commands count as one."""
    seconds, cpu, memory = [], [], 0.0
    for _ in range(runs):
        prepare()
        parts = work()
        seconds.append(sum(part.seconds for part in parts))
        cpu.append(sum(part.cpu for part in parts))
        memory = max([memory, *(part.megabytes for part in parts)])
    return Measurement(statistics.median(seconds), memory, statistics.median(cpu))


def disk(folder: Path) -> tuple[float, int, int]:
    """Megabytes below a folder with each inode once, the number of inodes, and of files."""
    inodes: dict[tuple[int, int], int] = {}
    count = 0
    for here, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(here, name))  # noqa: PTH118  # a hundred thousand of them
            inodes[status.st_dev, status.st_ino] = status.st_blocks * 512
            count += 1
    return sum(inodes.values()) / 1e6, len(inodes), count
