"""What counts as a finding: the checks themselves."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from mvlock.errors import LocalError
from tests.robust.fuzz.mutation import MAXIMUM, Mutator
from tests.robust.fuzz.running import GROWTH, examine, fuzz
from tests.robust.fuzz.target import Target

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals limit the time")
Read = Callable[[bytes, Path], object]


def _target(read: Read) -> Target:
    return Target("example", read, (LocalError,), lambda: [b"one 1\n", b"two 2\n"])


def _fails(data: bytes, folder: Path) -> object:
    return int(data)


def _refuses(data: bytes, folder: Path) -> object:
    raise LocalError("usage", "no")


def _writes_outside(data: bytes, folder: Path) -> object:
    return (folder.parent / "other").write_bytes(data)


def _loops(data: bytes, folder: Path) -> object:
    while True:
        pass


def _takes_memory(data: bytes, folder: Path) -> object:
    return len(os.urandom(1) * (2 * GROWTH))


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (_fails, "ValueError"),
        (_writes_outside, "AssertionError"),
        (_loops, "takes too long"),
        (_takes_memory, "takes much memory"),
        (_refuses, None),
    ],
)
def test_what_is_found(read: Read, kind: str | None) -> None:
    found = examine(_target(read), b"x", seconds=1)
    assert (found.kind if found is not None else None) == kind


def test_findings_of_one_cause_count_once() -> None:
    run = fuzz(_target(_fails), seed=1, inputs=50)
    assert run.inputs == 50
    assert [finding.data for finding in run.findings.values()] == [b"one 1\n"]


def test_mutants_differ_and_are_the_same_each_time() -> None:
    seeds, words = [b"name = 1\nother = 2\n"], [b"word"]
    one, two = (Mutator(seeds, words, Random(7)) for _ in range(2))
    mutants = [one.mutant(one.seed()) for _ in range(200)]
    assert mutants == [two.mutant(two.seed()) for _ in range(200)]
    assert len(set(mutants)) > 150
    assert max(map(len, mutants)) <= MAXIMUM
