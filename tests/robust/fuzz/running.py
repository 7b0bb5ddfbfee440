"""One input after another: what ends in neither a value nor an error of ours, or takes too much, is a finding.

Signals limit the time, so this works in the main thread of a process on POSIX only.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgspec

from tests.robust.fuzz.mutation import Mutator
from tests.robust.fuzz.target import Target

SECONDS = 5.0
"""CPU time for one input of at most 64 KiB."""
GROWTH = 256 * 1024 * 1024
"""In bytes: how much more memory one input, or a whole run, may take."""
_PAGE = resource.getpagesize()


class Finding(msgspec.Struct, frozen=True):
    """An input that is not met rightly. ``kind`` and ``place`` tell one cause from another."""

    kind: str
    place: str
    text: str
    data: bytes = b""

    @property
    def cause(self) -> str:
        """What findings of the same cause have in common."""
        return f"{self.kind} at {self.place}"


class Run(msgspec.Struct):
    """A run of one target so far: the first finding of each cause."""

    target: Target
    inputs: int = 0
    findings: dict[str, Finding] = {}
    growth: int = 0

    def add(self, data: bytes) -> None:
        """Try one more input."""
        self.inputs += 1
        found = examine(self.target, data)
        if found is not None:
            self.findings.setdefault(found.cause, found)


class _TooLongError(BaseException):
    """The time limit; no ``Exception``, so that nothing takes it for an error of the input."""


def fuzz(target: Target, *, seed: int, seconds: float = float("inf"), inputs: int | None = None) -> Run:
    """Try the seeds, then mutants until the time is up or there were enough of them."""
    mutator = Mutator(target.seeds(), target.words, Random(seed))
    run = Run(target)
    for data in target.seeds():
        run.add(data)
    warm, end = resident_memory(), time.monotonic() + seconds
    while time.monotonic() < end and (inputs is None or run.inputs < inputs):
        run.add(target.mutate(mutator, mutator.seed()))
    gc.collect()
    run.growth = resident_memory() - warm
    return run


def examine(target: Target, data: bytes, seconds: float = SECONDS) -> Finding | None:
    """What is wrong with how a target meets an input; None if nothing is. ``seconds``: the CPU time for it."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with _folder() as folder:
        try:
            with _limit(seconds):
                target.read(data, folder)
            _check_beside(folder)
        except target.expected:
            pass
        except _TooLongError as error:
            return Finding("takes too long", _innermost(error), f"more than {seconds} s", data)
        except Exception as error:
            text = "".join(traceback.format_exception(error))
            return Finding(type(error).__name__, _innermost(error), text, data)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024
    return Finding("takes much memory", target.name, f"{more} bytes more", data) if more > GROWTH else None


def resident_memory() -> int:
    """The memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@contextmanager
def _folder() -> Iterator[Path]:
    """An empty folder, alone in its own parent."""
    parent = Path(tempfile.mkdtemp(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    folder = parent / "input"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def _check_beside(folder: Path) -> None:
    beside = sorted(path.name for path in folder.parent.iterdir())
    if beside != [folder.name]:
        raise AssertionError(f"written outside: {beside}")


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise _TooLongError

    faulthandler.enable()
    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _innermost(error: BaseException) -> str:
    """The last place in our own code that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/mvlock/" in frame.filename or "/importshim/" in frame.filename]
    last = (ours or list(frames))[-1]
    return f"{Path(last.filename).parent.name}/{Path(last.filename).name}:{last.lineno} in {last.name}"
