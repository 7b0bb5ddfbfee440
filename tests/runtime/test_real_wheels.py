"""Real wheels from the index: old and new versions of one library in one process, installed by mvlock itself.

All pairs, with more ways of failing: `python -m tests.compat`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compat.judge import Judge
from tests.compat.pairs import PAIRS, read_pairs
from tests.compat.report import remarks
from tests.support import interpreters
from tests.support.kept_projects import KeptProjects
from tests.support.real import skip_without_index

pytestmark = pytest.mark.index


@pytest.fixture
def folder(kept: Callable[[str], Path]) -> Path:
    """Kept between runs."""
    return kept("compat")


@pytest.mark.parametrize("version", interpreters.WANTED)
@pytest.mark.parametrize("name", ["click", "attrs"])
def test_pure_libraries_live_side_by_side_on_every_python(folder: Path, name: str, version: str) -> None:
    _pair_passes(folder, name, version)


@pytest.mark.parametrize("name", ["numpy", "pandas"])
def test_native_libraries_live_side_by_side(folder: Path, name: str) -> None:
    _pair_passes(folder, name, "3.11")


def _pair_passes(folder: Path, name: str, version: str) -> None:
    """Both orders, interleaved and in threads print what each version prints without the other."""
    python = interpreters.require(version)
    (pair,) = (one for one in read_pairs(PAIRS, version) if one.name == name)
    row = Judge(KeptProjects(folder, python, version, cache=folder / "cache")).judge(pair)
    if row.failure is not None:
        skip_without_index(row.failure.exit_code, row.failure.stderr)
    assert row.passes, "\n".join(remarks([row]))
