"""A part of the matrix, with the two libraries that are installed soonest: `python -m tests.wire` runs all of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kept_projects import KeptProjects
from tests.wire.cells import ORIGINS, Origin, all_pins
from tests.wire.judge import judged
from tests.wire.projects import Contents, application
from tests.wire.run import Programs

_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
_QUICK = Contents("quick", ("numpy", "pydantic"), has_own=True, sending=("cloudpickle", "joblib"))
_KINDS = ("arrays", "models")
_WAYS = ("pickle 5", "deepcopy", "spawn", "cloudpickle", "joblib")
_TRIED = tuple(one for one in ORIGINS if one.side != "own" and one.maker == one.sender)

pytestmark = pytest.mark.index


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config) -> Iterator[Programs]:
    """Those of an application that is kept between runs."""
    if _PYTHON not in all_pins():
        pytest.skip(f"no versions are recorded for CPython {_PYTHON}")
    if pytestconfig.cache is None:
        pytest.skip("without pytest's cache there is no place to keep what was downloaded")
    folder = pytestconfig.cache.mkdir("compat")
    with application(KeptProjects(folder, Path(sys.executable), _PYTHON, cache=folder / "cache"), _QUICK) as kept:
        kept.make()
        yield Programs(kept.folder, kept.application, 100)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("origin", _TRIED, ids=lambda one: f"{one.maker}-{one.sender}")
def test_objects_come_back_as_what_they_were(programs: Programs, origin: Origin, kind: str) -> None:
    sent = programs.send(origin, kind, _WAYS)
    cells = {way: judged(sent[way], None, all_pins()[_PYTHON][origin.side]) for way in _WAYS}
    assert {way: (cell.answer, cell.why) for way, cell in cells.items()} == dict.fromkeys(_WAYS, ("same", ""))
