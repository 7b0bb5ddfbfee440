"""A short run of every target: its seeds, what was found earlier among them, and a few hundred mutants of them."""

from __future__ import annotations

import sys

import pytest

from tests.robust.fuzz.running import GROWTH, fuzz
from tests.robust.fuzz.targets import TARGETS

INPUTS = 150


@pytest.mark.skipif(sys.platform == "win32", reason="signals limit the time")
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_a_value_or_an_error_of_ours(name: str) -> None:
    run = fuzz(TARGETS[name], seed=1, inputs=INPUTS)
    assert {cause: finding.text for cause, finding in run.findings.items()} == {}
    assert run.growth < GROWTH
    assert run.inputs >= INPUTS
