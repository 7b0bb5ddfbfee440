"""A proof over a project of many releases takes as much more work as there are more releases, not the square of it."""

from __future__ import annotations

import sys
from types import FrameType

from mvlock.resolver import external_incompatibilities, incompatibility, prover
from tests.lock.locked import constraints, tree
from tests.resolver.test_explain import error_of
from tests.resolver.universe import PLAIN, Offer, Universe

_MODULES = {external_incompatibilities.__file__, incompatibility.__file__, prover.__file__}


def _steps(releases: int) -> int:
    """How many calls a proof takes that ``api``, of so many releases, goes with no ``clock`` 2."""
    universe = Universe()
    universe.publish("clock", "2.0")
    universe.publish("clock", "1.0")
    for number in range(releases):
        universe.publish("core", f"1.{number}", requires=["clock<2", f"extra=={number}"])
        universe.publish("api", f"1.{number}", requires=[f"core==1.{number}", "clock"])
        universe.publish("extra", f"{number}")
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename in _MODULES

    sys.setprofile(count)
    try:
        error_of(universe, tree("api", constraints=constraints("clock==2.0")))
    finally:
        sys.setprofile(None)
    return calls


def test_four_times_the_releases_are_not_sixteen_times_the_work() -> None:
    assert _steps(80) < 7 * _steps(20)


def test_versions_that_may_follow_are_not_built_before_they_are_tried() -> None:
    """A build runs code; that of a version that no requirement allows must not run."""
    universe = Universe()
    universe.publish("clock", "1.0")
    for number in range(20):
        universe.publish(
            "api", f"{number}", requires=["clock>1"], offer=PLAIN if number > 5 else Offer(tags=(), sdist=True)
        )
    error_of(universe, tree("api>5"))
    assert "api-6-py3-none-any.whl" in universe.reads
    assert universe.built_ahead == []
