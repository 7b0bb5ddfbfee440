"""Fuzzing guided by coverage, with atheris (libFuzzer): mutants that reach new code become seeds."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.robust.fuzz.mutation import MAXIMUM, Mutator
from tests.robust.fuzz.running import Run, resident_memory
from tests.robust.fuzz.target import Target

_WARM = 2000
"""Inputs before memory is measured: coverage and caches have grown then."""


def is_possible() -> bool:
    """Whether atheris is installed."""
    return find_spec("atheris") is not None


@contextmanager
def instrumented() -> Iterator[None]:
    """What is imported meanwhile reports which code runs."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["mvlock", "importshim"]):
        yield


def fuzz_by_coverage(target: Target, *, seed: int, seconds: float, finish: Callable[[Run], None]) -> None:
    """Never returns: libFuzzer ends the process, so ``finish`` must do so when the time is up."""
    atheris = import_module("atheris")
    run, end, warm = Run(target), time.monotonic() + seconds, 0
    seeds = target.seeds()

    def try_one(data: bytes) -> None:
        nonlocal warm
        run.add(data)
        if run.inputs == _WARM:
            warm = resident_memory()
        if time.monotonic() > end:
            gc.collect()
            run.growth = resident_memory() - warm if warm else 0
            finish(run)

    def mutate(data: bytes, longest: int, number: int) -> bytes:
        mutator = Mutator(seeds, target.words, Random(number))
        if mutator.one_in(4):
            return atheris.Mutate(data, longest)  # type: ignore[no-any-return]
        return target.mutate(mutator, data)[:longest]

    with tempfile.TemporaryDirectory() as corpus:
        for number, content in enumerate(seeds):
            Path(corpus, str(number)).write_bytes(content)
        options = [f"-seed={seed}", f"-max_len={MAXIMUM}", "-rss_limit_mb=3000", "-timeout=100000", "-verbosity=0"]
        atheris.Setup(["fuzz", *options, corpus], try_one, custom_mutator=mutate)
        atheris.Fuzz()
